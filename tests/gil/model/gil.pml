/* gil.pml: the lock's state machine (gil/gil.c with hand-over, waiters in line), for spin.
 *
 * The lock word is a sequence number that no two releases share, so "compare-and-swap on my own
 * release succeeds" is exactly "the lock is free and I released it last": `held` and `last`.
 * `attention` is stored relaxed: until time has passed (the second look of the waiter that raised
 * it) a releaser may still read the old value: `stale`.
 *
 * Checked: at most one thread inside (assert), no deadlock (invalid end states: all threads wait,
 * or one waits for ever while the others are gone), and, as a never-ending-wait property under weak
 * fairness, that who waits gets the lock (ltl served).
 *
 * Assumptions: mtx is served in order; a holder reaches a release or a safepoint; a timed sleep ends; a relaxed store is
 * visible to all by then. Threads may go away for good after any release.
 *
 * Two variants: a timekeeper watches for all (adaptive), or, with -DNO_KEEPER, nobody has a timer
 * and each heeded release hands over (fifo and tick at their barest).
 *
 * -DNO_SECOND_LOOK and -DNO_DETACH_WAKE take one part of the protocol out; each must
 * then fail (check.sh), which shows that the model can tell. */

#ifdef NO_KEEPER
#define HANDS_OVER true
#define MAY_CLAIM(i) true
#else
#define HANDS_OVER drop
#define MAY_CLAIM(i) (holder == NONE || (!taken[i] && (keeper == i || queue[0] == i)))
#endif

#ifndef N
#define N 3
#endif
#define NONE 255

bit held, attention, stale, drop, polling;
byte last = NONE;       /* who released last; NONE: ended meanwhile */
byte holder = NONE;     /* g->holder */
byte keeper = NONE;     /* g->timekeeper */
byte queue[N], length;  /* the line, first in front */
bit granted[N], signal[N], taken[N]; /* taken: somebody took the lock since this one's last look */
byte inside;
bit waiting[N], having[N];

#ifndef LIVENESS
bit mtx;
inline lock() { atomic { mtx == 0 -> mtx = 1 } }
inline unlock() { mtx = 0 }
#else /* first come first served: tickets */
byte ticket, serving;
inline lock() {
  d_step { mine = ticket; ticket = (ticket + 1) % (N + 1) };
  atomic { serving == mine -> mine = 0 }
}
inline unlock() { serving = (serving + 1) % (N + 1) }
#endif

inline line_push(i) { queue[length] = i; length++ }
inline line_remove(i, k) {
  k = 0;
  do
  :: k < length && queue[k] != i -> k++
  :: else -> break
  od;
  do
  :: k + 1 < length -> queue[k] = queue[k + 1]; k++
  :: else -> break
  od;
  length--;
  queue[length] = 0;
  k = 0
}

/* Somebody takes the lock: earlier looks at a free lock do not count any more. */
inline note_taken(k) {
  k = 0;
  do
  :: k < N -> taken[k] = 1; k++
  :: else -> break
  od;
  k = 0
}

/* hand_to: with mtx held, to the first in line, which is notified. The lock stays held. */
inline hand_over(next, k) {
  next = queue[0];
  line_remove(next, k);
  if :: keeper == next -> keeper = NONE :: else fi;
  granted[next] = 1;
  holder = next;
  drop = 0;
  note_taken(k);
  signal[next] = 1;
  next = NONE
}

/* attend: keeps a timekeeper while there are waiters, and the hint up to date. */
inline attend() {
#ifndef NO_KEEPER
  if
  :: keeper == NONE && length > 0 -> keeper = queue[length - 1]; signal[keeper] = 1
  :: else
  fi;
#endif
  if :: keeper == NONE -> polling = 0 :: else fi;
  if
  :: length > 0 && (drop || !polling) && !attention ->
    attention = 1;
    if /* who has yet to pass through mtx on its way to work sees it there */
    :: holder != NONE && granted[holder]
    :: else -> stale = 1; raised = 1
    fi
  :: !(length > 0 && (drop || !polling)) -> attention = 0; stale = 0
  :: else
  fi
}

/* From here on in the line, mtx held: ends with the lock, mtx held. */
inline wait_in_line(i) {
  d_step { waiting[i] = 1; looked = 0; raised = 0; taken[i] = 1 };
  do
  :: granted[i] -> granted[i] = 0; break
  :: else ->
#ifndef NO_KEEPER
    d_step {
      if :: keeper == NONE -> keeper = i :: else fi;
    }
#endif
    /* one look: a free lock seen twice without a taking in between, or left by a thread that
     * ended, goes to the first in line */
    atomic {
      if
      :: !held && MAY_CLAIM(i) ->
        held = 1;
        hand_over(next, k)
      :: !held && !MAY_CLAIM(i) ->
        taken[i] = 0;
        if /* it has looked often enough, or its time is over */
        :: (drop || looked) && (keeper == i || queue[0] == i) -> held = 1; hand_over(next, k)
        :: else
        fi
      :: else -> /* held: the timekeeper asks when its time is over */
        if :: keeper == i && looked -> drop = 1; polling = 0 :: else fi
      fi
    };
    if
    :: granted[i] -> granted[i] = 0; break
    :: else
    fi;
    d_step {
      attend();
      signal[i] = 0;
      looked = 1;
    };
    unlock();
    if
    :: signal[i] /* notified */
    :: keeper == i -> stale = 0 /* its timer */
#ifndef NO_SECOND_LOOK
    :: raised -> stale = 0; raised = 0 /* the second look */
#endif
    fi;
    lock()
  od;
  waiting[i] = 0
}

inline finish_taking(i) {
  d_step {
    if :: keeper == i -> keeper = NONE :: else fi;
    raised = 0;
    attend()
  };
  unlock()
}

proctype thread(byte i) {
  byte k, mine, next = NONE;
  bit raised, looked, heed;
  do
  :: /* gil_acquire */
    if
    :: atomic { !held && last == i -> held = 1; note_taken(k) }; /* the quick way */
    :: else ->
      lock();
      if
      :: atomic { length == 0 && !held -> held = 1; holder = i; drop = 0; note_taken(k) }
      :: else -> d_step { line_push(i) }; wait_in_line(i)
      fi;
      finish_taking(i)
    fi;
use:
    atomic { inside++; having[i] = 1; assert(inside == 1 && held) };
    atomic { inside--; having[i] = 0 };
    if
    :: /* gil_release: one store, one relaxed look */
      atomic { last = i; held = 0 };
      if
      :: heed = attention
      :: stale -> heed = 0
      fi;
      if
      :: heed ->
        heed = 0;
        lock();
        atomic {
          if
          :: !held && last == i && HANDS_OVER && length > 0 -> held = 1; hand_over(next, k)
          :: !held && last == i && !HANDS_OVER && length > 0 && !polling ->
            polling = 1;
            if :: keeper != NONE -> signal[keeper] = 1 :: else fi
          :: else
          fi
        };
        d_step { raised = 0; attend() };
        unlock()
      :: else
      fi;
      if
      :: true
      :: true -> goto gone
      fi
    :: /* gil_block_begin */
      lock();
      d_step {
        if
        :: length > 0 -> hand_over(next, k)
        :: else -> last = i; held = 0
        fi;
        raised = 0;
        attend()
      };
      unlock();
      if
      :: true
      :: true -> goto gone
      fi
    :: drop && holder == i -> /* gil_yield */
      lock();
      if
      :: length == 0 -> drop = 0; unlock(); goto use
      :: else ->
        d_step {
          hand_over(next, k);
          line_push(i)
        };
        wait_in_line(i);
        finish_taking(i);
        goto use
      fi
    fi
  od;
gone: /* gil_detach */
  lock();
  d_step {
    if
    :: holder == i ->
      holder = NONE;
#ifndef NO_DETACH_WAKE
      if :: length > 0 -> signal[queue[0]] = 1 :: else fi
#endif
    :: else
    fi;
    if :: last == i -> last = NONE :: else fi
  };
  unlock()
}

init {
  byte n;
  atomic {
    do
    :: n < N -> run thread(n); n++
    :: else -> break
    od
  }
}

#ifdef LIVENESS
ltl served { [] (waiting[0] -> <> having[0]) }
#endif
