/* experiment_env.c: what a measurement was taken on, and where the built-in workloads are. */
#include "experiment_env.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <lua.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

/* Set for this file by CMake. */
#ifndef GILT_BUILD_FLAGS
#  define GILT_BUILD_FLAGS ""
#endif
#ifndef GILT_BUILD_COMMIT
#  define GILT_BUILD_COMMIT ""
#endif
#ifndef LUA_RELEASE
#  define LUA_RELEASE ""
#endif
#ifndef GILT_FFI_VERSION
#  define GILT_FFI_VERSION ""
#endif
#ifndef GILT_SOURCE_WORKLOADS
#  define GILT_SOURCE_WORKLOADS ""
#endif
#ifndef GILT_INSTALL_WORKLOADS
#  define GILT_INSTALL_WORKLOADS ""
#endif

#define ENV_ROOM 256

int env_cores(void) {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0) return CPU_COUNT(&set);
  long n = sysconf(_SC_NPROCESSORS_ONLN);
  return n > 0 ? (int)n : 1;
}

/* The value of the first line "name : value" with one of the names; architectures differ. */
static bool cpuinfo_value(const char *const *names, char *out) {
  char line[ENV_ROOM];
  bool found = false;
  FILE *file = fopen("/proc/cpuinfo", "re");
  if (file == NULL) return false;
  while (!found && fgets(line, sizeof line, file) != NULL) {
    const char *colon = strchr(line, ':');
    for (const char *const *name = names; *name != NULL && colon != NULL && !found; name++) {
      if (strncmp(line, *name, strlen(*name)) != 0) continue;
      colon += 1 + strspn(colon + 1, " \t");
      (void)snprintf(out, ENV_ROOM, "%.*s", (int)strcspn(colon, "\n"), colon);
      found = out[0] != '\0';
    }
  }
  (void)fclose(file);
  return found;
}

static void put_cpu(struct env_item *item) {
  static const char *const names[] = {"model name", "Model", "cpu model", "Processor", NULL};
  struct utsname u;
  if (cpuinfo_value(names, item->text)) return;
  (void)snprintf(item->text, ENV_ROOM, "%s", uname(&u) == 0 ? u.machine : "unknown");
}

static void put_kernel(struct env_item *item) {
  struct utsname u;
  if (uname(&u) == 0)
    (void)snprintf(item->text, ENV_ROOM, "%s %s %s", u.sysname, u.release, u.machine);
}

static const char compiler[] =
#if defined(__clang__)
    "clang " __clang_version__;
#elif defined(__GNUC__)
    "gcc " __VERSION__;
#else
    "unknown";
#endif

int env_describe(struct env_item *out, int room) {
  const struct env_item fixed[] = {
      {.name = "cpu_model"}, {.name = "kernel"}, {.name = "compiler"}, {.name = "flags"},
      {.name = "commit"},    {.name = "lua"},    {.name = "core"},     {.name = "libffi"},
      {.name = "version"},
  };
  static const char *const texts[] = {
      "",          "", compiler, GILT_BUILD_FLAGS, GILT_BUILD_COMMIT, LUA_RELEASE,
      GILT_CORE_NAME, GILT_FFI_VERSION, GILT_VERSION};
  int n = (int)(sizeof fixed / sizeof fixed[0]), used = 0;
  for (int i = 0; i < n && used < room; i++) {
    struct env_item *item = &out[used];
    item->name = fixed[i].name;
    (void)snprintf(item->text, ENV_ROOM, "%s", texts[i]);
    if (i == 0) put_cpu(item);
    if (i == 1) put_kernel(item);
    if (item->text[0] != '\0') used++;
  }
  return used;
}

int env_columns(void) {
  struct winsize size;
  const char *text = getenv("COLUMNS");
  long n = text != NULL ? strtol(text, NULL, 10) : 0;
  if (n > 0 && n < 10000) return (int)n;
  for (int fd = 2; fd >= 0; fd--)
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
  return 80;
}

static bool is_directory(const char *path) {
  struct stat st;
  return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Adds a directory once. */
static void add(struct env_paths *out, const char *path) {
  char real[PATH_MAX];
  if (path[0] == '\0' || !is_directory(path) || realpath(path, real) == NULL) return;
  for (int i = 0; i < out->count; i++)
    if (strcmp(out->path[i], real) == 0) return;
  if (out->count < ENV_PATHS_MAX) (void)snprintf(out->path[out->count++], PATH_MAX, "%s", real);
}

static bool program_directory(char *out) {
  ssize_t n = readlink("/proc/self/exe", out, PATH_MAX - 1);
  if (n <= 0) return false;
  out[n] = '\0';
  char *slash = strrchr(out, '/');
  if (slash == NULL) return false;
  *slash = '\0';
  return true;
}

/* First the tree that this program was built in, if it still is there, and if it runs from inside
 * of it; then what was installed beside it; then where it was to be installed. */
void env_workload_dirs(struct env_paths *out) {
  char program[PATH_MAX], path[PATH_MAX + 64];
  out->count = 0;
  if (program_directory(program)) {
    const char *const beside[] = {"../share/gilt/workloads", "scripts/workloads",
                                  "../scripts/workloads", "../../scripts/workloads",
                                  "../../../scripts/workloads"};
    for (size_t i = 0; i < sizeof beside / sizeof beside[0]; i++) {
      (void)snprintf(path, sizeof path, "%s/%s", program, beside[i]);
      add(out, path);
    }
  }
  if (out->count == 0) add(out, GILT_INSTALL_WORKLOADS);
  if (out->count == 0) add(out, GILT_SOURCE_WORKLOADS);
}
