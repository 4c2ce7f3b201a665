/* stress.h: points at which an unlucky schedule is made likely. Without GILT_CORE_STRESS they are
 * nothing; with it a thread that passes one may yield or sleep there, tables are resized more often
 * than they need, and collections follow each other closely. */
#ifndef CORE_STRESS_H
#define CORE_STRESS_H

#include <stdbool.h>

#ifndef GILT_CORE_STRESS
#  define GILT_CORE_STRESS 0
#endif

#if GILT_CORE_STRESS
void core_stress_point(void);
bool core_stress_chance(unsigned n); /* true once in n times */
unsigned core_stress_gc(void);       /* GILT_STRESS_GC=N: a collection at one poll in N; else 0 */
#  define STRESS_POINT()   core_stress_point()
#  define STRESS_CHANCE(n) core_stress_chance(n)
#  define STRESS_GC()      core_stress_gc()
#else
#  define STRESS_POINT()   ((void)0)
#  define STRESS_CHANCE(n) false
#  define STRESS_GC()      0u
#endif

#endif
