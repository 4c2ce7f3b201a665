-- output.lua: files and streams whose failures are noticed: a directory that may not be written, a
-- full disk, a closed stdout.

local style = require "gilt.lab.style"

local M = {}

local function reason(message) return (tostring(message):gsub("^.-: ", "")) end

-- Opens an output before anything is measured, so that a wrong path doesn't cost a run.
-- "-" is `stdout`. Returns { name, stream, is_stdout } or nil and one line.
function M.open(path, stdout)
  if path == "-" then return { name = "standard output", stream = stdout, is_stdout = true } end
  local stream, message = io.open(path, "wb")
  if not stream then
    return nil, ("can't write %s: %s"):format(style.plain(path), reason(message))
  end
  return { name = style.plain(path), stream = stream }
end

-- Writes all of a text and makes sure that it arrived. true, or nil and one line.
function M.write(output, text)
  local ok, message = output.stream:write(text)
  if ok then ok, message = output.stream:flush() end
  if not ok then return nil, ("can't write %s: %s"):format(output.name, reason(message)) end
  return true
end

-- Closes a file; some file systems tell only now that the disk is full.
function M.close(output)
  if output.is_stdout then return true end
  local ok, message = output.stream:close()
  if not ok then return nil, ("can't write %s: %s"):format(output.name, reason(message)) end
  return true
end

return M
