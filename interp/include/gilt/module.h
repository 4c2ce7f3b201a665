/* module.h: how a C module for Lua says that threads may run it in parallel. Needs nothing of gilt:
 * a module that has this line, once, in one of its files
 *
 *     GILT_MODULE_PARALLEL
 *
 * or, without this header, the declaration that it stands for, loads into any Lua 5.4 as before.
 *
 * It promises, for the time when the GIL is off (gilt's own core, mode free, gilt.gil.enable(false)),
 * that several threads may be in its functions at once, each with a lua_State of its own:
 *   1. Its static variables are constant, atomic, per thread, or guarded by a lock of its own.
 *   2. So is every userdata block that scripts can share; an object that one thread closes while
 *      another uses it does not crash.
 *   3. No such lock is held across a call of lua.h that can raise or run Lua code (a longjmp would
 *      leave it locked; a callback could wait for another thread that wants it).
 * What lua.h itself does (tables, upvalues, the registry, luaL_ref) is safe without its help. What it
 * checks and then changes (if a field is nil, set it) is two steps.
 *
 * A module without the line runs unchanged: with the GIL as ever, and while it is off one thread at a
 * time runs its C code, under a lock of its own that is given up whenever it calls Lua code, like the
 * GIL would be. gilt says so once on stderr. */
#ifndef GILT_MODULE_H
#define GILT_MODULE_H

#if defined(__GNUC__)
#  define GILT_MODULE_EXPORT __attribute__((visibility("default")))
#else
#  define GILT_MODULE_EXPORT
#endif

#if defined(__cplusplus)
#  define GILT_MODULE_PARALLEL extern "C" { GILT_MODULE_EXPORT extern const int gilt_module_parallel; } \
  const int gilt_module_parallel = 1;
#else
#  define GILT_MODULE_PARALLEL                                    \
  GILT_MODULE_EXPORT extern const int gilt_module_parallel;       \
  const int gilt_module_parallel = 1;
#endif

#endif
