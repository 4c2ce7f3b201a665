#!/bin/sh
# killed.sh GILT: kills gilt by SIGKILL while a sample runs, in each mode. Nothing of it may stay behind.
# The processes of a sample are forks of gilt, so a mark in its arguments finds them all.
set -u
gilt=$1
here=$(mktemp -d) || exit 1
trap 'rm -rf "$here"' EXIT

marked() { # how many processes carry the mark
  cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' '\n' | grep -c "^$1\$"
}

cat > "$here/endless.lua" <<'LUA'
return { task = function(_, i)
  local f = assert(io.open(os.getenv "GILT_TEST_HERE" .. "/started", "a"))
  f:write(i, "\n")
  f:close()
  while true do end
end }
LUA
cat > "$here/ask.lua" <<'LUA'
local exp = require "gilt.experiment"
exp.sample { file = os.getenv "GILT_TEST_HERE" .. "/endless.lua", params = {}, tasks = 4, mode = arg[1],
             workers = arg[1] == "serial" and 1 or 2 }
LUA

status=0
export GILT_TEST_HERE="$here"
for mode in serial threads processes isolates; do
  mark="gilt-killed-$$-$mode"
  rm -f "$here/started"
  "$gilt" run "$here/ask.lua" "$mode" "$mark" 2>"$here/err" &
  pid=$!
  tries=0
  while [ ! -s "$here/started" ] && [ $tries -lt 100 ] && kill -0 $pid 2>/dev/null; do
    sleep 0.1
    tries=$((tries + 1))
  done
  if [ ! -s "$here/started" ]; then
    if [ "$mode" = threads ] && ! kill -0 $pid 2>/dev/null; then continue; fi # a build without the GIL
    echo "$mode: the sample did not start"; cat "$here/err"; kill -9 $pid; status=1; continue
  fi
  kill -9 $pid
  wait $pid 2>/dev/null
  tries=0
  while [ "$(marked "$mark")" -gt 0 ] && [ $tries -lt 100 ]; do
    sleep 0.1
    tries=$((tries + 1))
  done
  left=$(marked "$mark")
  echo "$mode: $left processes left"
  [ "$left" -eq 0 ] || status=1
done
exit $status
