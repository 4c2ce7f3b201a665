-- Runs `gilt gil-bench` briefly (arg[1] is the command): the shape of what it says, not its figures.

local gilt = arg[1]
local out = os.tmpname()

local function run(words)
  local ok, _, code = os.execute(("%s gil-bench %s >%s 2>&1"):format(gilt, words, out))
  local f = assert(io.open(out))
  local text = f:read "a"
  f:close()
  return ok and 0 or code, text
end

local status, text = run "--seconds 20ms --policies adaptive,interval --threads 0,1 --json -"
assert(status == 0, text)
assert(text:find '^{' and text:find '"schema": "gilt%-gil%-bench%-1"', text)
local cells = 0
for policy in text:gmatch '"policy": "(%l+)"' do
  assert(policy == "adaptive" or policy == "interval")
  cells = cells + 1
end
assert(cells == 4, text)
assert(text:find '"p99": %d+' and text:find '"held": %d' and not text:find "nan", text)

status, text = run "--seconds 20ms --policies tick --threads 1"
assert(status == 0 and text:find "tick +1" and text:find "good:", text)

status, text = run "--policies fairest"
assert(status == 2 and text:find "unknown lock policy", text)
status, text = run "--interval 1us"
assert(status == 2 and text:find "interval", text)
status, text = run "--json /no/such/place"
assert(status == 1 and text:find "can't write", text)
status, text = run "--help"
assert(status == 0 and text:find "datagrams", text)
os.remove(out)
