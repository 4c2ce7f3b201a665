-- distribution.lua: C modules of the distribution, unmodified, called by 8 threads with the GIL off.
-- What is not installed is left out, and said.
local thread, gil = require "gilt.thread", require "gilt.gil"
local threads, rounds = 8, tonumber(arg[1]) or 60
gil.enable(false)
-- Ours only: the paths of another Lua are no business of this one.
local ran, missing = {}, {}

local function with(name, make)
  local ok, m = pcall(require, name)
  if not ok then
    missing[#missing + 1] = name
    return
  end
  local body, meanwhile = make(m)
  local list = {}
  for id = 1, threads do list[id] = thread.spawn(function() for i = 1, rounds do body(id, i) end return true end) end
  if meanwhile then meanwhile() end
  for id = 1, threads do
    local good, problem = list[id]:join()
    assert(good, problem)
  end
  ran[#ran + 1] = name
end

with("cjson", function(cjson)
  local own = cjson.new()
  return function(id, i)
    local text = cjson.encode { id = id, list = { i, i + 1, "x" .. i }, nested = { deep = { id, i } } }
    local back = cjson.decode(text)
    assert(back.id == id and back.list[2] == i + 1 and back.nested.deep[2] == i)
    assert(own.encode { i } == "[" .. i .. "]")
    local ok, e = pcall(cjson.decode, "{bad")
    assert(not ok and e:find "Expected", e)
  end
end)

with("lpeg", function(lpeg)
  local digits = lpeg.C(lpeg.R "09" ^ 1) / tonumber
  local list = lpeg.Ct(digits * (lpeg.P "," * digits) ^ 0)
  local count = 0
  local calls = lpeg.Cmt(lpeg.P(1), function(_, at) count = count + 1 return at end) ^ 1
  return function(id, i)
    local t = list:match(id .. "," .. i .. ",7")
    assert(#t == 3 and t[1] == id and t[2] == i)
    local words = lpeg.P { "S", S = lpeg.V "W" * (" " * lpeg.V "W") ^ 0, W = lpeg.R "az" ^ 1 }
    assert(words:match("some words here") == 16)
    assert(calls:match("abc") == 4)
    local ok, e = pcall(function() return lpeg.P(function() error "inside" end):match "x" end)
    assert(not ok and e:find "inside", e)
  end
end)

with("lfs", function(lfs)
  return function(id, i)
    local here = lfs.currentdir()
    assert(lfs.attributes(here, "mode") == "directory")
    local n = 0
    for name in lfs.dir "/" do n = n + 1 end
    assert(n > 2)
    assert(lfs.attributes("/no/such/file") == nil)
  end
end)

with("socket.core", function(socket)
  local server = assert(socket.bind and socket.bind("127.0.0.1", 0) or socket.tcp())
  if not socket.bind then
    assert(server:bind("127.0.0.1", 0))
    assert(server:listen(64))
  end
  local _, port = server:getsockname()
  server:settimeout(5)
  return function(id, i)
    -- One at a time in socket.core: a call that blocks would keep the others out, so none may.
    local c = socket.tcp()
    c:settimeout(0)
    c:connect("127.0.0.1", port)
    assert(type(socket.gettime()) == "number")
    c:close()
  end
end)

with("mime.core", function(mime)
  return function(id, i)
    local text = ("text %d %d "):format(id, i):rep(20)
    local coded = mime.b64(text)
    local padded = select(1, mime.b64(text, nil))
    assert(#coded > #text and type(padded) == "string")
    assert(mime.unb64(mime.b64("abc")) == "abc")
  end
end)

with("luv", function(uv)
  return function(id, i)
    assert(uv.hrtime() > 0)
    assert(uv.fs_stat("/").type == "directory")
    assert(type(uv.cwd()) == "string")
  end, function() -- luv calls back on the state that loaded it: the loop runs here
    for i = 1, rounds do
      local fired = 0
      local timer = uv.new_timer()
      timer:start(0, 1, function()
        fired = fired + 1
        if fired == 3 then timer:close() end
      end)
      uv.run()
      assert(fired == 3)
    end
  end
end)

collectgarbage()
print(("ok%s%s"):format(#ran > 0 and ", ran: " .. table.concat(ran, " ") or "",
  #missing > 0 and ", not installed: " .. table.concat(missing, " ") or ""))
