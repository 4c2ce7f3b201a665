-- output.lua: files and streams whose failures are noticed: a directory that may not be written, a
-- full disk, a closed stdout.

local style = require "gilt.lab.style"

local M = {}

local function reason(message) return (tostring(message):gsub("^.-: ", "")) end

-- Opens an output before anything is measured, so that a wrong path doesn't cost a run.
-- "-" is `stdout`. `replacement` (of gilt.experiment, may be nil) gives the name of a file to write
-- to in place of a plain file; close() renames it, and until then the old text stays.
-- Returns { name, stream, is_stdout, path, temporary } or nil and one line.
function M.open(path, stdout, replacement)
  if path == "-" then return { name = "standard output", stream = stdout, is_stdout = true } end
  local temporary, stream, message
  if replacement then temporary, message = replacement(path) end
  if temporary ~= nil or not message then stream, message = io.open(temporary or path, "wb") end
  if not stream then
    if temporary then os.remove(temporary) end
    return nil, ("can't write %s: %s"):format(style.plain(path), reason(message))
  end
  return { name = style.plain(path), stream = stream, path = path, temporary = temporary or nil }
end

-- Gives an output up; what was there before stays.
function M.discard(output)
  if output.is_stdout then return end
  output.stream:close()
  if output.temporary then os.remove(output.temporary) end
end

-- Writes all of a text and makes sure that it arrived. true, or nil and one line.
function M.write(output, text)
  local ok, message = output.stream:write(text)
  if ok then ok, message = output.stream:flush() end
  if not ok then return nil, ("can't write %s: %s"):format(output.name, reason(message)) end
  return true
end

-- Closes a file and puts it in its place; some file systems tell only now that the disk is full.
function M.close(output)
  if output.is_stdout then return true end
  local ok, message = output.stream:close()
  if ok and output.temporary then
    ok, message = os.rename(output.temporary, output.path)
    if not ok then os.remove(output.temporary) end
  end
  if not ok then return nil, ("can't write %s: %s"):format(output.name, reason(message)) end
  return true
end

return M
