-- A small operating system simulation: tasks, queues of packets, priorities, dispatch by method.
local n = tonumber(arg and arg[1]) or 190000
local Task = {}
Task.__index = Task
local tasks, ready = {}, {}
local sent, handled = 0, 0
function Task.new(id, prio, run) return setmetatable({ id = id, prio = prio, run = run, inbox = nil, count = 0, state = 0 }, Task) end
function Task:push(packet)
  packet.next = nil
  local last = self.inbox
  if not last then self.inbox = packet else
    while last.next do last = last.next end
    last.next = packet
  end
  ready[self.id] = true
end
function Task:pop()
  local p = self.inbox
  if p then self.inbox = p.next end
  if not self.inbox then ready[self.id] = nil end
  return p
end
local function send(to, packet, value)
  packet.value = value
  sent = sent + 1
  tasks[to]:push(packet)
end
local function worker(self, p)
  self.state = (self.state * 31 + p.value) & 0xffff
  send(p.kind == 1 and 3 or 4, p, self.state)
end
local function device(self, p)
  self.count = self.count + 1
  send(self.count % 2 == 0 and 2 or 1, p, p.value ~ self.count)
end
tasks[1] = Task.new(1, 10, worker)
tasks[2] = Task.new(2, 20, worker)
tasks[3] = Task.new(3, 30, device)
tasks[4] = Task.new(4, 40, device)
for i = 1, 6 do tasks[i % 4 + 1]:push({ kind = i % 2, value = i }) end
while handled < 6 * n do
  local best
  for id = 1, 4 do
    local t = tasks[id]
    if ready[id] and (not best or t.prio + t.count % 5 > best.prio + best.count % 5) then best = t end
  end
  local p = best:pop()
  best.count = best.count + 1
  best:run(p)
  handled = handled + 1
end
print(sent, tasks[1].state, tasks[2].state, tasks[3].count)
