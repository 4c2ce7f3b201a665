# deps.sh: sourced by bench/run, tests/run: installs what is missing (Debian, Ubuntu), builds, says what it does.
#   gilt_need PACKAGE:PROBE...   PROBE: a command, or pc:NAME for a pkg-config module
#   gilt_build PRESET [TARGET...]
# All messages go to stderr.

gilt_say() { echo "gilt: $*" >&2; }

gilt_have() {
  case $1 in
  pc:*)
    command -v pkg-config >/dev/null || return 1
    case $1 in
    pc:lua)
      for name in lua5.4 lua-5.4 lua54 lua; do
        pkg-config --exists "$name >= 5.4" "$name < 5.5" 2>/dev/null && return 0
      done
      return 1 ;;
    *) pkg-config --exists "${1#pc:}" ;;
    esac ;;
  /*) [ -e "$1" ] ;;
  *) command -v "$1" >/dev/null ;;
  esac
}

gilt_need() {
  missing=
  for item in "$@"; do
    gilt_have "${item#*:}" || missing="$missing ${item%%:*}"
  done
  [ -z "$missing" ] && return 0
  as_root=
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || {
      gilt_say "these packages are missing:$missing; install them as root, then call this again"
      exit 3
    }
    as_root=sudo
  fi
  command -v apt-get >/dev/null || {
    gilt_say "install these with your package manager, then call this again (Debian's names):$missing"
    exit 3
  }
  gilt_say "installing:$missing"
  log=$(mktemp)
  # shellcheck disable=SC2086 # a list of words
  if ! { $as_root apt-get update -qq && $as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends $missing; } >"$log" 2>&1; then
    cat "$log" >&2
    gilt_say "apt-get could not install:$missing"
    rm -f "$log"
    exit 3
  fi
  rm -f "$log"
}

GILT_BUILD_NEEDS="gcc:cc libc6-dev:/usr/include/stdlib.h cmake:cmake ninja-build:ninja
  pkg-config:pkg-config liblua5.4-dev:pc:lua libffi-dev:pc:libffi"

gilt_build() {
  preset=$1
  shift
  log=$(mktemp)
  if ! { cmake --preset "$preset" ${GILT_CMAKE_ARGS:-} && cmake --build "build/$preset" "$@"; } >"$log" 2>&1; then
    cat "$log" >&2
    gilt_say "the build failed (preset $preset)"
    rm -f "$log"
    exit 1
  fi
  rm -f "$log"
}
