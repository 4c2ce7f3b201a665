#!/bin/sh
# same.sh RUNNER LUA SCRIPT: the script must print the same and end the same under both interpreters.
# Each runs in an empty directory of its own, with the input of tests that read it.
set -u
runner=$1 lua=$2 script=$3
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
run() {
  mkdir "$work/$2" && cd "$work/$2" || exit 1
  printf 'first line\n12 0x1F -3.5e2 nonsense\n\nlast, no newline' | "$1" "$script" >../$2.out 2>../$2.err
  echo "status $?" >>../$2.out
  # what a program of tests may not depend on: addresses, and the name it was started by
  sed -e 's/0x[0-9a-f]\{6,\}/ADDR/g' ../$2.out >../$2.txt
}
run "$lua" stock
run "$runner" gilt
if ! cmp -s "$work/stock.txt" "$work/gilt.txt"; then
  diff -au "$work/stock.txt" "$work/gilt.txt"
  echo "standard error under gilt:"; cat "$work/gilt.err"
  exit 1
fi
grep -q '^done$' "$work/gilt.txt" || { echo "the script did not finish:"; cat "$work/gilt.err"; exit 1; }
