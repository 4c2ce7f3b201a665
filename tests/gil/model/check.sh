#!/bin/sh
# Checks gil.pml with spin: check.sh SPIN CC [full]. `full` adds three threads (minutes).
# Exit status: 0 all as expected, 1 not.
set -u
spin=$1 cc=$2 size=${3:-quick}
model=$(cd "$(dirname "$0")" && pwd)/gil.pml
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
bad=0

# check WANT WHAT CFLAGS PANFLAGS SPINFLAGS...: WANT is `holds` or `fails`.
check() {
  want=$1 what=$2 cflags=$3 panflags=$4
  shift 4
  cd "$dir" || exit 1
  rm -f -- *
  "$spin" -a "$@" "$model" >spin.log && "$cc" -O1 -w -DCOLLAPSE $cflags -o pan pan.c || exit 1
  ./pan -m3000000 $panflags >pan.log 2>&1
  got=unknown
  grep -q 'errors: 0' pan.log && ! grep -q 'search depth too small' pan.log && got=holds
  grep -q 'errors: [1-9]' pan.log && got=fails
  states=$(sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1/p' pan.log)
  echo "$what: $got ($states states)"
  if [ "$got" != "$want" ]; then
    echo "  expected: $want"
    bad=1
  fi
}

for variant in "" -DNO_KEEPER; do
  check holds "exclusion, no deadlock, 2 threads $variant" -DSAFETY "" -DN=2 $variant
  check holds "who waits is served, 2 threads $variant" "" "-a -f" -DN=2 -DLIVENESS $variant
done
check fails "without the second look" "" "-a -f" -DN=2 -DLIVENESS -DNO_KEEPER -DNO_SECOND_LOOK
check fails "without the wake-up at a thread's end" -DSAFETY "" -DN=3 -DNO_KEEPER -DNO_DETACH_WAKE
if [ "$size" = full ]; then
  for variant in "" -DNO_KEEPER; do
    check holds "exclusion, no deadlock, 3 threads $variant" -DSAFETY "" -DN=3 $variant
  done
fi
exit $bad
