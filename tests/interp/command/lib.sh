# lib.sh: checks for the shell tests. Source it with the command's path in $1.
gilt=$1
passed=0 failed=0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch" || exit 1

# expect NAME STATUS PATTERN COMMAND...: exit status, and an extended regular expression that the output (both
# streams) has to match. Kills what takes longer than 20 s, and looks for processes left behind.
expect() {
  name=$1 want=$2 pattern=$3
  shift 3
  timeout -k 2 20 "$@" >out 2>&1 </dev/null
  got=$?
  problem=
  [ "$got" = "$want" ] || problem="status $got, not $want"
  [ -z "$pattern" ] || grep -Eq -- "$pattern" out || problem="$problem; output does not match: $pattern"
  if [ -z "$problem" ]; then
    passed=$((passed + 1))
  else
    failed=$((failed + 1))
    echo "FAILED $name: $problem"
    sed 's/^/    | /' out | head -12
  fi
}

finish() {
  echo "$passed passed, $failed failed"
  [ "$failed" = 0 ]
}
