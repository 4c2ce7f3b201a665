-- check_then_act.lua: the account has enough for one of two payments.
--
-- Each thread looks at the balance and then takes from it. If both look before either takes, both pay.
--
--     gilt explore scripts/demos/races/check_then_act.lua
local thread = require "gilt.thread"

local balance = 100

local function pay(amount)
  if balance >= amount then
    balance = balance - amount
  end
end

local a = thread.spawn(pay, 80)
local b = thread.spawn(pay, 80)
a:join()
b:join()
assert(balance >= 0, "the account is overdrawn: " .. balance)
