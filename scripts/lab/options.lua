-- options.lua: a command's options, declared once: parsed, checked, and turned into help.
--
-- A command is { name, usage, summary, examples = { { command, what } ... }, options = { ... },
-- operands = { name, many } or nil, operands_end_options (what follows the first one is not ours), exits = { { code, what } ... }, notes = { text ... } }.
-- An option is { name = "rounds", short = "r" or nil, type, value = "N", help, default, ... }.
--
--   type       a value such as            further fields
--   flag       (none)
--   texts      any text, may be repeated: a list
--   string     any text
--   integer    9                          min, max
--   integers   1,2,4                      min, max; distinct, in the order given
--   choices    serial,threads             among (a list); distinct; "all" means every one
--   choice     threads                    among
--   pair       n=1000, may be repeated    gives a list of { key, value }
--   duration   5ms                        integer nanoseconds
--   size       64M                        integer bytes

local suggest = require "gilt.lab.suggest"
local text_table = require "gilt.lab.table"
local units = require "gilt.lab.units"

local M = {}

local READ = {}

function READ.string(text) return text end
READ.texts = READ.string

-- A whole number within the option's bounds; what is wrong otherwise.
function READ.integer(text, option)
  local number = text:match("^%s*[+-]?%d+%s*$") and math.tointeger(tonumber(text))
  if not number then return nil, ("expected a whole number, not \"%s\""):format(text) end
  if option.min and number < option.min then
    return nil, ("must be at least %d, not %d"):format(option.min, number)
  end
  if option.max and number > option.max then
    return nil, ("must be at most %d, not %d"):format(option.max, number)
  end
  return number
end

local function each_item(text, read)
  local list, seen = {}, {}
  for item in (text .. ","):gmatch("%s*(.-)%s*,") do
    if item == "" then return nil, "has an empty entry in its list" end
    local value, problem = read(item)
    if value == nil then return nil, problem end
    if not seen[value] then list[#list + 1] = value end
    seen[value] = true
  end
  return list
end

function READ.integers(text, option)
  return each_item(text, function(item) return READ.integer(item, option) end)
end

function READ.choice(text, option)
  for _, name in ipairs(option.among) do
    if text == name then return name end
  end
  return nil, ("unknown %s \"%s\"%s (there are: %s)"):format(
    option.noun or "value", text, suggest.hint(text, option.among),
    table.concat(option.among, ", "))
end

function READ.choices(text, option)
  if text == "all" then return table.move(option.among, 1, #option.among, 1, {}) end
  return each_item(text, function(item) return READ.choice(item, option) end)
end

function READ.pair(text)
  local key, value = text:match("^([^=]+)=(.*)$")
  if not key then return nil, ("expected name=value, not \"%s\""):format(text) end
  return { key, value }
end

function READ.duration(text) return units.parse_duration(text) end
function READ.size(text) return units.parse_size(text) end

M.read_choice = READ.choice

local function find(command, field, name)
  for _, option in ipairs(command.options) do
    if option[field] == name then return option end
  end
end

local function long_names(command)
  local names = {}
  for i, option in ipairs(command.options) do names[i] = "--" .. option.name end
  names[#names + 1] = "--help"
  return names
end

local function unknown(command, word)
  return nil, ("unknown option \"%s\"%s"):format(word, suggest.hint(word, long_names(command)))
end

local function store(values, option, text)
  if option.type == "flag" then
    values[option.name] = true
    return true
  end
  local value, problem = READ[option.type](text, option)
  if value == nil then return nil, ("--%s: %s"):format(option.name, problem) end
  if option.type == "pair" or option.type == "texts" then
    values[option.name] = values[option.name] or {}
    table.insert(values[option.name], value)
  else
    values[option.name] = value
  end
  return true
end

-- One word that begins with "-". Returns the index of the last word used, or nil and the problem.
local function parse_option(command, argv, i, values)
  local word = argv[i]
  local name, attached = word:match("^%-%-([^=]+)=(.*)$")
  name = name or word:match("^%-%-(.+)$")
  local option = name and find(command, "name", name)
    or not name and #word == 2 and find(command, "short", word:sub(2))
  if word == "-h" or word == "--help" then
    values.help = true
    return i
  end
  if not option then return unknown(command, name and "--" .. name or word) end
  local ok, problem
  if option.type == "flag" then
    if attached then return nil, ("--%s takes no value"):format(option.name) end
    ok, problem = store(values, option)
  elseif attached then
    ok, problem = store(values, option, attached)
  else
    i = i + 1
    if argv[i] == nil then
      return nil, ("--%s needs a value: --%s %s"):format(option.name, option.name, option.value)
    end
    ok, problem = store(values, option, argv[i])
  end
  if not ok then return nil, problem end
  return i
end

-- Parses the words of a command line. Returns values (by option name, defaults filled in) and the
-- list of operands, or nil and one line that says what is wrong. Options and operands may be
-- mixed; "--" ends the options; "-" is an operand.
function M.parse(command, argv)
  local values, operands, i, ended = {}, {}, 1, false
  while i <= #argv do
    local word = argv[i]
    if command.operands_end_options and #operands > 0 then ended = true end
    if not ended and word == "--" then
      ended = true
    elseif not ended and #word > 1 and word:sub(1, 1) == "-" then
      local last, problem = parse_option(command, argv, i, values)
      if not last then return nil, problem end
      i = last
    else
      operands[#operands + 1] = word
    end
    i = i + 1
  end
  if not values.help and #operands > 0 and not command.operands then
    return nil, ("\"%s\" is one word too many"):format(operands[1])
  end
  for _, option in ipairs(command.options) do
    if values[option.name] == nil then values[option.name] = option.default end
  end
  return values, operands
end

local function option_rows(command)
  local rows = {}
  for _, option in ipairs(command.options) do
    local left = "--" .. option.name .. (option.value and " " .. option.value or "")
    if option.short then left = "-" .. option.short .. ", " .. left end
    rows[#rows + 1] = { left, option.help }
  end
  rows[#rows + 1] = { "-h, --help", "show this help" }
  return rows
end

local function add_pairs(lines, title, rows, width, style)
  lines[#lines + 1] = ""
  lines[#lines + 1] = style.bold(title)
  local left = 0
  for _, row in ipairs(rows) do left = math.max(left, text_table.width(tostring(row[1]))) end
  for _, row in ipairs(rows) do
    local wrapped = text_table.wrap(row[2], width - left - 4)
    lines[#lines + 1] = "  " .. text_table.pad(tostring(row[1]), left) .. "  " .. (wrapped[1] or "")
    for n = 2, #wrapped do
      lines[#lines + 1] = (" "):rep(left + 4) .. wrapped[n]
    end
  end
end

-- The command's help as one text: summary, examples, usage, options, notes, exit codes.
function M.help(command, style, width)
  width = math.max(60, math.min(width or 100, 100))
  local lines = {}
  for _, line in ipairs(text_table.wrap(command.summary, width)) do lines[#lines + 1] = line end
  lines[#lines + 1] = ""
  lines[#lines + 1] = style.bold("Examples")
  for _, example in ipairs(command.examples) do
    lines[#lines + 1] = "  " .. style.cyan(example[1])
    for _, line in ipairs(text_table.wrap(example[2], width - 6)) do
      lines[#lines + 1] = "      " .. line
    end
  end
  lines[#lines + 1] = ""
  lines[#lines + 1] = style.bold("Usage")
  lines[#lines + 1] = "  " .. command.usage
  add_pairs(lines, "Options", option_rows(command), width, style)
  for _, note in ipairs(command.notes or {}) do
    lines[#lines + 1] = ""
    for _, line in ipairs(text_table.wrap(note, width)) do lines[#lines + 1] = line end
  end
  if command.exits then add_pairs(lines, "Exit status", command.exits, width, style) end
  return table.concat(lines, "\n") .. "\n"
end

return M
