-- one_thread.lua: gilt's modules as far as the workloads use them, for plain Lua, where there is one
-- thread and nothing to wait for.

package.loaded["gilt"] = { mode = "serial", worker = 1, workers = 1 }
package.loaded["gilt.time"] = { sleep = function() end }

local mutex = {}
mutex.__index = mutex

function mutex:lock()
  assert(not self.held, "this thread holds the mutex already")
  self.held = true
  return self
end

function mutex:unlock()
  assert(self.held, "this thread does not hold the mutex")
  self.held = false
end

function mutex:try_lock() return self:lock() ~= nil end
mutex.__close = mutex.unlock

local condition = {}
condition.__index = condition
function condition.wait() error "nobody will signal: there is one thread" end
function condition.signal() return 0 end
condition.broadcast = condition.signal

package.loaded["gilt.sync"] = {
  mutex = function() return setmetatable({ held = false }, mutex) end,
  condition = function() return setmetatable({}, condition) end,
}

local counter = {}
counter.__index = counter
function counter:load() return self.n end
function counter:store(n) self.n = n end

function counter:add(n)
  self.n = self.n + (n or 1)
  return self.n
end

package.loaded["gilt.atomic"] = {
  new = function(n) return setmetatable({ n = n or 0 }, counter) end,
}
