-- harness.lua: the smallest test harness that is pleasant to use: named tests, clear failures.

local H = { passed = 0, failed = 0, files = {} }

local function show(value, depth)
  depth = depth or 0
  if type(value) == "string" then return ("%q"):format(value) end
  if type(value) ~= "table" or depth > 3 then return tostring(value) end
  local out = {}
  for key, item in pairs(value) do out[#out + 1] = tostring(key) .. "=" .. show(item, depth + 1) end
  table.sort(out)
  return "{" .. table.concat(out, ", ") .. "}"
end

local function same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then
    return a == b and math.type(a) == math.type(b)
  end
  for key, value in pairs(a) do
    if not same(value, b[key]) then return false end
  end
  for key in pairs(b) do
    if a[key] == nil then return false end
  end
  return true
end

local function fail(text, note)
  error((note and note .. ": " or "") .. text, 3)
end

function H.eq(got, want, note)
  if not same(got, want) then fail(("got %s, want %s"):format(show(got), show(want)), note) end
end

function H.near(got, want, tolerance, note)
  if type(got) ~= "number" or math.abs(got - want) > (tolerance or 1e-9) then
    fail(("got %s, want %s"):format(show(got), show(want)), note)
  end
end

function H.ok(value, note)
  if not value then fail("got " .. show(value), note) end
end

-- The text contains `part` as it stands.
function H.has(text, part, note)
  if type(text) ~= "string" or not text:find(part, 1, true) then
    fail(("%s\n  does not contain %q"):format(tostring(text), part), note)
  end
end

function H.lacks(text, part, note)
  if type(text) ~= "string" or text:find(part, 1, true) then
    fail(("%s\n  contains %q"):format(tostring(text), part), note)
  end
end

-- A temporary file with this text; removed at the end.
function H.file(text)
  local path = os.tmpname()
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  H.files[#H.files + 1] = path
  return path
end

function H.read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read("a")
  file:close()
  return text
end

-- A stream that keeps what is written to it.
function H.stream()
  local parts = {}
  local stream = {}
  function stream.write(self, ...)
    for _, part in ipairs { ... } do parts[#parts + 1] = tostring(part) end
    return self
  end
  function stream.flush(self) return self end
  function stream.close() return true end
  function stream.text() return table.concat(parts) end
  return stream
end

function H.test(name, fn)
  local ok, problem = xpcall(fn, function(e)
    return type(e) == "string" and e or debug.traceback(show(e))
  end)
  if ok then
    H.passed = H.passed + 1
  else
    H.failed = H.failed + 1
    io.stdout:write("FAILED ", H.suite, ": ", name, "\n  ", tostring(problem), "\n")
  end
end

function H.finish()
  for _, path in ipairs(H.files) do os.remove(path) end
  io.stdout:write(("%d passed, %d failed\n"):format(H.passed, H.failed))
  return H.failed == 0
end

return H
