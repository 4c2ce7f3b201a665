-- gilt.net: what it does, and how it fails.
package.path = arg[0]:match("^(.*/)") .. "?.lua"
local check = require "check"
local net, thread, time = require "gilt.net", require "gilt.thread", require "gilt.time"
local eq = check.eq
local function fails(code, r, msg, got, ...) eq(r, nil); eq(type(msg), "string"); eq(got, code, msg); return ... end
local function spawn_echo(l)
  return thread.spawn(function()
    local c <close> = assert(l:accept())
    while true do
      local s = c:receive()
      if not s then return "ended" end
      assert(c:write(s) == #s)
    end
  end)
end

for _, family in ipairs { "inet", "inet6" } do
  local host = family == "inet" and "127.0.0.1" or "::1"
  local l = net.listen(host, 0)
  if l then
    local h, port, f = l:sockname()
    eq(h, host); eq(f, family); assert(port > 0)
    local t = spawn_echo(l)
    local c = assert(net.connect(host, port, { timeout = 10, nodelay = true }))
    eq(c:getoption("nodelay"), true); eq(c:setoption("nodelay", false), true); eq(c:getoption("nodelay"), false)
    eq(select(2, c:peername()), port); eq(select(1, c:getpeername()), host)
    eq(c:write("one\n", 2, "\n", 3.5, "\n"), 10)
    eq(c:read(), "one"); eq(c:read("L"), "2\n"); eq(c:read(2), "3."); eq(c:read("l"), "5"); eq(c:read(0), "")
    local big = string.rep("0123456789", 50000)
    local w = thread.spawn(function() return c:write(big) end)
    eq(c:read(#big), big); eq(w:join(), #big)
    eq(c:write(""), 0); eq(c:write(), 0)
    eq(c:send("xyz", 2), 2); eq(c:read(2), "yz")
    eq(c:shutdown("w"), true); fails("closed", c:read()); eq(c:read("a"), "")
    eq(t:join(), "ended")
    eq(c:close(), true); eq(c:close(), true); fails("closed", c:read()); fails("closed", c:write("x")); fails("closed", c:sockname()); eq(c:fd(), nil)
    eq(tostring(c), "socket (closed)")
    l:close(); fails("ECONNREFUSED", net.connect(host, port)); fails("closed", l:accept())
  end
end

-- ends, limits, time-outs keep what has come
local a, b = assert(net.pair())
a:write("part"); b:settimeout(0.01)
fails("timeout", b:read("l")); a:write("ial\nrest"); eq(b:read("l"), "partial")
fails("timeout", b:read(100)); fails("timeout", b:read("a")); fails("EMSGSIZE", b:read("a", 2)); eq(b:receive(2), "re"); a:close()
eq(fails("closed", b:read(10)), "st"); fails("closed", b:read("l")); eq(b:read("a"), ""); fails("closed", b:receive()); eq(fails("closed", b:write("x")), 0)
a, b = assert(net.pair()); a:write("tail"); a:close(); eq(fails("closed", b:read("l")), "tail")
a, b = assert(net.pair()); b:setdeadline(time.monotonic() + 0.01); fails("timeout", b:read()); fails("timeout", b:receive()); b:setdeadline(); b:settimeout(0); fails("timeout", b:read()); b:settimeout()
a:settimeout(0); local n, msg, code, sent = a:write(string.rep("x", 10000000)); eq(n, nil); eq(code, "timeout"); assert(sent > 0); eq(#b:read(sent), sent)
local long = string.rep("y", 300000); a:settimeout(); local w = thread.spawn(function() a:write(long, "\n", long); a:close() end)
eq(b:read("l"), long); eq(b:read("a"), long); w:join()

-- UDP
local u, v = assert(net.udp { host = "127.0.0.1", port = 0 }), assert(net.udp { family = "inet", broadcast = true })
local _, port = u:sockname(); eq(v:getoption("broadcast"), true)
eq(v:sendto("hello", "127.0.0.1", port), 5); local data, host, from, family = u:recvfrom(); eq(data, "hello"); eq(host, "127.0.0.1"); eq(family, "inet"); eq(u:sendto("", host, from), 0); eq((v:recvfrom()), "")
eq(v:sendto("0123456789", "localhost", tostring(port)), 10); local cut = table.pack(u:recvfrom(4)); eq(cut[1], "0123"); eq(cut[5], 10)
eq(v:connect("127.0.0.1", port), true); eq(v:send("x"), 1); eq((u:recvfrom()), "x"); u:settimeout(0.01); fails("timeout", u:recvfrom()); eq(v:sendto(string.rep("z", 20000), "127.0.0.1", port), 20000); eq(#u:recvfrom(30000), 20000)
fails("EMSGSIZE", v:send(string.rep("z", 100000))); u:close(); fails("closed", u:recvfrom())
check.raises("not a datagram", a.recvfrom, b); check.raises("not a listening", v.accept, v); check.raises("not a datagram", b.connect, b, "x", 1)

-- Unix sockets
local path = os.tmpname(); os.remove(path)
local l = assert(net.listen_unix(path)); eq(l:sockname(), path); local t = spawn_echo(l); local c = assert(net.connect_unix(path)); c:write("unix\n"); eq(c:read(), "unix"); eq((c:peername()), path); c:close(); t:join(); l:close()
fails("EADDRINUSE", net.listen_unix(path)); l = assert(net.listen_unix(path, { unlink = true })); l:close(); fails("ECONNREFUSED", net.connect_unix(path)); os.remove(path); fails("ENOENT", net.connect_unix(path))
l = assert(net.listen_unix("\0gilt-test-" .. path)); eq((l:sockname()), "\0gilt-test-" .. path); assert(net.connect_unix("\0gilt-test-" .. path)):close(); l:close()
l = assert(net.listen_unix(path, { backlog = 0 })); local held = {}; repeat local s, _, e = net.connect_unix(path, { timeout = 0.02 }); held[#held + 1] = s until not s or #held > 50; assert(#held < 50); l:close(); os.remove(path)
local d, e = assert(net.datagram_unix(path)), assert(net.datagram_unix()); eq(e:sendto("dg", path), 2); local m, where, none, kind = d:recvfrom(); eq(m, "dg"); eq(where, ""); eq(none, nil); eq(kind, "unix"); d:close(); e:close(); os.remove(path)
d, e = assert(net.pair("datagram")); d:send("a"); d:send("bc"); eq(e:receive(), "a"); eq((e:recvfrom()), "bc")

-- names, arguments
eq(net.resolve("127.0.0.1", 80)[1].host, "127.0.0.1"); eq(net.resolve("::1", "80")[1].port, 80); assert(#net.resolve("localhost") > 0)
fails("EAI_NONAME", net.resolve(string.rep("x", 400)))
local r, _, rc = net.resolve("no-such-host.invalid", 1, { timeout = 5 }); eq(r, nil); assert(rc:find("^EAI") or rc == "timeout", rc)
check.raises("port must be", net.connect, "x", 70000); check.raises("port must be", net.listen, "x", -1); check.raises("path must", net.listen_unix, ""); check.raises("path must", net.connect_unix, string.rep("x", 200)); check.raises("zero byte", net.connect_unix, "a\0b")
check.raises("unknown socket option 'nope'", b.setoption, b, "nope", 1); check.raises("boolean", b.setoption, b, "keepalive", 1); check.raises("only be read", b.setoption, b, "error", true); eq(b:getoption("error"), false); assert(b:getoption("rcvbuf") > 0); b:setoption("sndbuf", 8192)
check.raises("format must", b.read, b, "x"); check.raises("negative", b.read, b, -1); check.raises("timeout must", b.settimeout, b, -1); check.raises("timeout must", b.settimeout, b, 0/0); check.raises("family must", net.listen, "x", 1, { family = "ipx" }); check.raises("gilt.socket expected", b.read, io.stdout)
fails("EADDRNOTAVAIL", net.listen("203.0.113.7", 0)); local s <close> = assert(net.listen("*", 0, { family = "inet" })); fails("EADDRINUSE", net.listen("*", select(2, s:sockname()), { family = "inet", reuseaddr = false }))

-- no descriptor stays behind
local function count() local p = io.popen("ls /proc/" .. io.open("/proc/self/stat"):read("n") .. "/fd | wc -l"); local n = p:read("n"); p:close(); return n end
a, b, c, u, v, l, d, e, s_, held = nil; collectgarbage(); collectgarbage()
local before = count()
for i = 1, 50 do
  local l = net.listen("127.0.0.1", 0); local c = net.connect("127.0.0.1", (select(2, l:sockname()))); local p = l:accept(); net.pair(); net.udp(); net.connect("127.0.0.1", 1)
  if i % 2 == 0 then l:close(); c:close(); p:close() end
end
collectgarbage(); collectgarbage()
assert(count() <= before + 1, "descriptors leak: " .. before .. " then " .. count())
local inherited = io.popen("ls -l /proc/self/fd | grep -c socket"); eq(inherited:read("n"), 0, "sockets in a child"); inherited:close()
print("ok")
