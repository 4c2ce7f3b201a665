-- examples.lua GILT MODES FILE...: runs each block of Lua in the documents and compares what it prints
-- with its comments `--> text`. MODES: on, or on,off: the settings of --gil. A block without such a
-- comment is not run.
local gilt, modes = arg[1], arg[2]
local passed, failed = 0, 0

local function blocks_of(path)
  local list, block = {}, nil
  local number = 0
  for line in io.lines(path) do
    number = number + 1
    if line == "```lua" then
      block = { line = number, code = {}, want = {} }
    elseif line == "```" and block then
      if #block.want > 0 then list[#list + 1] = block end
      block = nil
    elseif block then
      block.code[#block.code + 1] = line
      block.want[#block.want + 1] = line:match "%-%->%s(.*)$"
    end
  end
  return list
end

local function run(block, mode)
  local name = os.tmpname()
  local file = assert(io.open(name, "w"))
  file:write(table.concat(block.code, "\n"), "\n")
  file:close()
  local pipe = assert(io.popen(("timeout 20 '%s' run --gil=%s '%s' 2>&1"):format(gilt, mode, name)))
  local text = pipe:read "a"
  local ok = pipe:close()
  os.remove(name)
  return ok, text
end

for i = 3, #arg do
  for _, block in ipairs(blocks_of(arg[i])) do
    for mode in modes:gmatch "%a+" do
      local ok, text = run(block, mode)
      if ok and text == table.concat(block.want, "\n") .. "\n" then
        passed = passed + 1
      else
        failed = failed + 1
        print(("FAILED %s:%d, --gil=%s:\n%s"):format(arg[i], block.line, mode, text))
      end
    end
  end
end
print(("%d passed, %d failed"):format(passed, failed))
os.exit(failed == 0 and passed > 0)
