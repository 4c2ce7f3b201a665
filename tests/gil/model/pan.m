#define rand	pan_rand
#define pthread_equal(a,b)	((a)==(b))
#if defined(HAS_CODE) && defined(VERBOSE)
	#ifdef BFS_PAR
		bfs_printf("Pr: %d Tr: %d\n", II, t->forw);
	#else
		cpu_printf("Pr: %d Tr: %d\n", II, t->forw);
	#endif
#endif
	switch (t->forw) {
	default: Uerror("bad forward move");
	case 0:	/* if without executable clauses */
		continue;
	case 1: /* generic 'goto' or 'skip' */
		IfNotBlocked
		_m = 3; goto P999;
	case 2: /* generic 'else' */
		IfNotBlocked
		if (trpt->o_pm&1) continue;
		_m = 3; goto P999;

		 /* PROC :init: */
	case 3: // STATE 1 - gil.pml:237 - [((n<3))] (0:0:0 - 1)
		IfNotBlocked
		reached[1][1] = 1;
		if (!((((int)((P1 *)_this)->n)<3)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 4: // STATE 2 - gil.pml:237 - [(run thread(n))] (0:0:0 - 1)
		IfNotBlocked
		reached[1][2] = 1;
		if (!(addproc(II, 1, 0, ((int)((P1 *)_this)->n))))
			continue;
		_m = 3; goto P999; /* 0 */
	case 5: // STATE 3 - gil.pml:237 - [n = (n+1)] (0:0:1 - 1)
		IfNotBlocked
		reached[1][3] = 1;
		(trpt+1)->bup.oval = ((int)((P1 *)_this)->n);
		((P1 *)_this)->n = (((int)((P1 *)_this)->n)+1);
#ifdef VAR_RANGES
		logval(":init::n", ((int)((P1 *)_this)->n));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 6: // STATE 10 - gil.pml:241 - [-end-] (0:0:0 - 1)
		IfNotBlocked
		reached[1][10] = 1;
		if (!delproc(1, II)) continue;
		_m = 3; goto P999; /* 0 */

		 /* PROC thread */
	case 7: // STATE 1 - gil.pml:150 - [((!(held)&&(last==i)))] (13:0:1 - 1)
		IfNotBlocked
		reached[0][1] = 1;
		if (!(( !(((int)now.held))&&(((int)now.last)==((int)((P0 *)_this)->i)))))
			continue;
		/* merge: held = 1(0, 2, 13) */
		reached[0][2] = 1;
		(trpt+1)->bup.oval = ((int)now.held);
		now.held = 1;
#ifdef VAR_RANGES
		logval("held", ((int)now.held));
#endif
		;
		_m = 3; goto P999; /* 1 */
	case 8: // STATE 3 - gil.pml:53 - [k = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][3] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->k);
		((P0 *)_this)->k = 0;
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 9: // STATE 4 - gil.pml:55 - [((k<3))] (9:0:2 - 1)
		IfNotBlocked
		reached[0][4] = 1;
		if (!((((int)((P0 *)_this)->k)<3)))
			continue;
		/* merge: taken[k] = 1(9, 5, 9) */
		reached[0][5] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.taken[ Index(((int)((P0 *)_this)->k), 3) ]);
		now.taken[ Index(((P0 *)_this)->k, 3) ] = 1;
#ifdef VAR_RANGES
		logval("taken[thread:k]", ((int)now.taken[ Index(((int)((P0 *)_this)->k), 3) ]));
#endif
		;
		/* merge: k = (k+1)(9, 6, 9) */
		reached[0][6] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->k);
		((P0 *)_this)->k = (((int)((P0 *)_this)->k)+1);
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		/* merge: .(goto)(0, 10, 9) */
		reached[0][10] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 10: // STATE 12 - gil.pml:58 - [k = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][12] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->k);
		((P0 *)_this)->k = 0;
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 11: // STATE 16 - gil.pml:32 - [((mtx==0))] (204:0:1 - 1)
		IfNotBlocked
		reached[0][16] = 1;
		if (!((((int)now.mtx)==0)))
			continue;
		/* merge: mtx = 1(0, 17, 204) */
		reached[0][17] = 1;
		(trpt+1)->bup.oval = ((int)now.mtx);
		now.mtx = 1;
#ifdef VAR_RANGES
		logval("mtx", ((int)now.mtx));
#endif
		;
		_m = 3; goto P999; /* 1 */
	case 12: // STATE 20 - gil.pml:154 - [(((length==0)&&!(held)))] (34:0:3 - 1)
		IfNotBlocked
		reached[0][20] = 1;
		if (!(((((int)now.length)==0)&& !(((int)now.held)))))
			continue;
		/* merge: held = 1(34, 21, 34) */
		reached[0][21] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = ((int)now.held);
		now.held = 1;
#ifdef VAR_RANGES
		logval("held", ((int)now.held));
#endif
		;
		/* merge: holder = i(34, 22, 34) */
		reached[0][22] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.holder);
		now.holder = ((int)((P0 *)_this)->i);
#ifdef VAR_RANGES
		logval("holder", ((int)now.holder));
#endif
		;
		/* merge: drop = 0(34, 23, 34) */
		reached[0][23] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.drop);
		now.drop = 0;
#ifdef VAR_RANGES
		logval("drop", ((int)now.drop));
#endif
		;
		_m = 3; goto P999; /* 3 */
	case 13: // STATE 24 - gil.pml:53 - [k = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][24] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->k);
		((P0 *)_this)->k = 0;
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 14: // STATE 25 - gil.pml:55 - [((k<3))] (30:0:2 - 1)
		IfNotBlocked
		reached[0][25] = 1;
		if (!((((int)((P0 *)_this)->k)<3)))
			continue;
		/* merge: taken[k] = 1(30, 26, 30) */
		reached[0][26] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.taken[ Index(((int)((P0 *)_this)->k), 3) ]);
		now.taken[ Index(((P0 *)_this)->k, 3) ] = 1;
#ifdef VAR_RANGES
		logval("taken[thread:k]", ((int)now.taken[ Index(((int)((P0 *)_this)->k), 3) ]));
#endif
		;
		/* merge: k = (k+1)(30, 27, 30) */
		reached[0][27] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->k);
		((P0 *)_this)->k = (((int)((P0 *)_this)->k)+1);
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		/* merge: .(goto)(0, 31, 30) */
		reached[0][31] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 15: // STATE 33 - gil.pml:58 - [k = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][33] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->k);
		((P0 *)_this)->k = 0;
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 16: // STATE 40 - gil.pml:155 - [D_STEP155]
		IfNotBlocked

		reached[0][40] = 1;
		reached[0][t->st] = 1;
		reached[0][tt] = 1;

		if (TstOnly) return 1;


		reached[0][40] = 1;
		reached[0][t->st] = 1;
		reached[0][tt] = 1;

		sv_save();
		S_038_0: /* 2 */
S_036_0: /* 2 */
		now.queue[ Index(now.length, 3) ] = ((int)((P0 *)_this)->i);
#ifdef VAR_RANGES
		logval("queue[length]", ((int)now.queue[ Index(((int)now.length), 3) ]));
#endif
		;
S_037_0: /* 2 */
		now.length = (((int)now.length)+1);
#ifdef VAR_RANGES
		logval("length", ((int)now.length));
#endif
		;
		goto S_202_0;
S_202_0: /* 1 */

#if defined(C_States) && (HAS_TRACK==1)
		c_update((uchar *) &(now.c_state[0]));
#endif
		_m = 3; goto P999;

	case 17: // STATE 44 - gil.pml:91 - [D_STEP91]
		IfNotBlocked

		reached[0][44] = 1;
		reached[0][t->st] = 1;
		reached[0][tt] = 1;

		if (TstOnly) return 1;

		sv_save();
		S_040_0: /* 2 */
		waiting[ Index(((P0 *)_this)->i, 3) ] = 1;
#ifdef VAR_RANGES
		logval("waiting[thread:i]", ((int)waiting[ Index(((int)((P0 *)_this)->i), 3) ]));
#endif
		;
S_041_0: /* 2 */
		((P0 *)_this)->looked = 0;
#ifdef VAR_RANGES
		logval("thread:looked", ((int)((P0 *)_this)->looked));
#endif
		;
S_042_0: /* 2 */
		now.taken[ Index(((P0 *)_this)->i, 3) ] = 1;
#ifdef VAR_RANGES
		logval("taken[thread:i]", ((int)now.taken[ Index(((int)((P0 *)_this)->i), 3) ]));
#endif
		;
		goto S_199_0;
S_199_0: /* 1 */

#if defined(C_States) && (HAS_TRACK==1)
		c_update((uchar *) &(now.c_state[0]));
#endif
		_m = 3; goto P999;

	case 18: // STATE 45 - gil.pml:93 - [(granted[i])] (0:0:0 - 1)
		IfNotBlocked
		reached[0][45] = 1;
		if (!(((int)now.granted[ Index(((int)((P0 *)_this)->i), 3) ])))
			continue;
		_m = 3; goto P999; /* 0 */
	case 19: // STATE 46 - gil.pml:93 - [granted[i] = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][46] = 1;
		(trpt+1)->bup.oval = ((int)now.granted[ Index(((int)((P0 *)_this)->i), 3) ]);
		now.granted[ Index(((P0 *)_this)->i, 3) ] = 0;
#ifdef VAR_RANGES
		logval("granted[thread:i]", ((int)now.granted[ Index(((int)((P0 *)_this)->i), 3) ]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 20: // STATE 54 - gil.pml:95 - [D_STEP95]
		if (!(((boq == -1 && (((int)now.keeper)==255))) || (boq == -1 /* else */)))
			continue;

		reached[0][54] = 1;
		reached[0][t->st] = 1;
		reached[0][tt] = 1;

		if (TstOnly) return 1;

		sv_save();
		S_051_0: /* 2 */
S_048_0: /* 2 */
		if (!((((int)now.keeper)==255)))
			goto S_051_1;
S_049_0: /* 2 */
		now.keeper = ((int)((P0 *)_this)->i);
#ifdef VAR_RANGES
		logval("keeper", ((int)now.keeper));
#endif
		;
		goto S_052_0;
S_051_1: /* 3 */
S_050_0: /* 2 */
		/* else */;
		goto S_052_0;
S_051_2: /* 3 */
		Uerror("blocking sel in d_step (nr.0, near line 96)");
S_052_0: /* 2 */
		goto S_157_0;
S_157_0: /* 1 */

#if defined(C_States) && (HAS_TRACK==1)
		c_update((uchar *) &(now.c_state[0]));
#endif
		_m = 3; goto P999;

	case 21: // STATE 55 - gil.pml:102 - [((!(held)&&((holder==255)||(!(taken[i])&&((keeper==i)||(queue[0]==i))))))] (99:0:1 - 1)
		IfNotBlocked
		reached[0][55] = 1;
		if (!(( !(((int)now.held))&&((((int)now.holder)==255)||( !(((int)now.taken[ Index(((int)((P0 *)_this)->i), 3) ]))&&((((int)now.keeper)==((int)((P0 *)_this)->i))||(((int)now.queue[0])==((int)((P0 *)_this)->i))))))))
			continue;
		/* merge: held = 1(0, 56, 99) */
		reached[0][56] = 1;
		(trpt+1)->bup.oval = ((int)now.held);
		now.held = 1;
#ifdef VAR_RANGES
		logval("held", ((int)now.held));
#endif
		;
		_m = 3; goto P999; /* 1 */
	case 22: // STATE 57 - gil.pml:63 - [next = queue[0]] (0:0:1 - 1)
		IfNotBlocked
		reached[0][57] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->next);
		((P0 *)_this)->next = ((int)now.queue[0]);
#ifdef VAR_RANGES
		logval("thread:next", ((int)((P0 *)_this)->next));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 23: // STATE 58 - gil.pml:37 - [k = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][58] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->k);
		((P0 *)_this)->k = 0;
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 24: // STATE 59 - gil.pml:39 - [(((k<length)&&(queue[k]!=next)))] (63:0:1 - 1)
		IfNotBlocked
		reached[0][59] = 1;
		if (!(((((int)((P0 *)_this)->k)<((int)now.length))&&(((int)now.queue[ Index(((int)((P0 *)_this)->k), 3) ])!=((int)((P0 *)_this)->next)))))
			continue;
		/* merge: k = (k+1)(0, 60, 63) */
		reached[0][60] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->k);
		((P0 *)_this)->k = (((int)((P0 *)_this)->k)+1);
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		/* merge: .(goto)(0, 64, 63) */
		reached[0][64] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 25: // STATE 66 - gil.pml:43 - [(((k+1)<length))] (71:0:2 - 1)
		IfNotBlocked
		reached[0][66] = 1;
		if (!(((((int)((P0 *)_this)->k)+1)<((int)now.length))))
			continue;
		/* merge: queue[k] = queue[(k+1)](71, 67, 71) */
		reached[0][67] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.queue[ Index(((int)((P0 *)_this)->k), 3) ]);
		now.queue[ Index(((P0 *)_this)->k, 3) ] = ((int)now.queue[ Index((((int)((P0 *)_this)->k)+1), 3) ]);
#ifdef VAR_RANGES
		logval("queue[thread:k]", ((int)now.queue[ Index(((int)((P0 *)_this)->k), 3) ]));
#endif
		;
		/* merge: k = (k+1)(71, 68, 71) */
		reached[0][68] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->k);
		((P0 *)_this)->k = (((int)((P0 *)_this)->k)+1);
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		/* merge: .(goto)(0, 72, 71) */
		reached[0][72] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 26: // STATE 74 - gil.pml:46 - [length = (length-1)] (0:81:3 - 3)
		IfNotBlocked
		reached[0][74] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = ((int)now.length);
		now.length = (((int)now.length)-1);
#ifdef VAR_RANGES
		logval("length", ((int)now.length));
#endif
		;
		/* merge: queue[length] = 0(81, 75, 81) */
		reached[0][75] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.queue[ Index(((int)now.length), 3) ]);
		now.queue[ Index(now.length, 3) ] = 0;
#ifdef VAR_RANGES
		logval("queue[length]", ((int)now.queue[ Index(((int)now.length), 3) ]));
#endif
		;
		/* merge: k = 0(81, 76, 81) */
		reached[0][76] = 1;
		(trpt+1)->bup.ovals[2] = ((int)((P0 *)_this)->k);
		((P0 *)_this)->k = 0;
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		_m = 3; goto P999; /* 2 */
	case 27: // STATE 78 - gil.pml:65 - [((keeper==next))] (96:0:4 - 1)
		IfNotBlocked
		reached[0][78] = 1;
		if (!((((int)now.keeper)==((int)((P0 *)_this)->next))))
			continue;
		/* merge: keeper = 255(96, 79, 96) */
		reached[0][79] = 1;
		(trpt+1)->bup.ovals = grab_ints(4);
		(trpt+1)->bup.ovals[0] = ((int)now.keeper);
		now.keeper = 255;
#ifdef VAR_RANGES
		logval("keeper", ((int)now.keeper));
#endif
		;
		/* merge: .(goto)(96, 82, 96) */
		reached[0][82] = 1;
		;
		/* merge: granted[next] = 1(96, 83, 96) */
		reached[0][83] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.granted[ Index(((int)((P0 *)_this)->next), 3) ]);
		now.granted[ Index(((P0 *)_this)->next, 3) ] = 1;
#ifdef VAR_RANGES
		logval("granted[thread:next]", ((int)now.granted[ Index(((int)((P0 *)_this)->next), 3) ]));
#endif
		;
		/* merge: holder = next(96, 84, 96) */
		reached[0][84] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.holder);
		now.holder = ((int)((P0 *)_this)->next);
#ifdef VAR_RANGES
		logval("holder", ((int)now.holder));
#endif
		;
		/* merge: drop = 0(96, 85, 96) */
		reached[0][85] = 1;
		(trpt+1)->bup.ovals[3] = ((int)now.drop);
		now.drop = 0;
#ifdef VAR_RANGES
		logval("drop", ((int)now.drop));
#endif
		;
		_m = 3; goto P999; /* 5 */
	case 28: // STATE 83 - gil.pml:66 - [granted[next] = 1] (0:96:3 - 3)
		IfNotBlocked
		reached[0][83] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = ((int)now.granted[ Index(((int)((P0 *)_this)->next), 3) ]);
		now.granted[ Index(((P0 *)_this)->next, 3) ] = 1;
#ifdef VAR_RANGES
		logval("granted[thread:next]", ((int)now.granted[ Index(((int)((P0 *)_this)->next), 3) ]));
#endif
		;
		/* merge: holder = next(96, 84, 96) */
		reached[0][84] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.holder);
		now.holder = ((int)((P0 *)_this)->next);
#ifdef VAR_RANGES
		logval("holder", ((int)now.holder));
#endif
		;
		/* merge: drop = 0(96, 85, 96) */
		reached[0][85] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.drop);
		now.drop = 0;
#ifdef VAR_RANGES
		logval("drop", ((int)now.drop));
#endif
		;
		_m = 3; goto P999; /* 2 */
	case 29: // STATE 86 - gil.pml:53 - [k = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][86] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->k);
		((P0 *)_this)->k = 0;
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 30: // STATE 87 - gil.pml:55 - [((k<3))] (92:0:2 - 1)
		IfNotBlocked
		reached[0][87] = 1;
		if (!((((int)((P0 *)_this)->k)<3)))
			continue;
		/* merge: taken[k] = 1(92, 88, 92) */
		reached[0][88] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.taken[ Index(((int)((P0 *)_this)->k), 3) ]);
		now.taken[ Index(((P0 *)_this)->k, 3) ] = 1;
#ifdef VAR_RANGES
		logval("taken[thread:k]", ((int)now.taken[ Index(((int)((P0 *)_this)->k), 3) ]));
#endif
		;
		/* merge: k = (k+1)(92, 89, 92) */
		reached[0][89] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->k);
		((P0 *)_this)->k = (((int)((P0 *)_this)->k)+1);
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		/* merge: .(goto)(0, 93, 92) */
		reached[0][93] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 31: // STATE 95 - gil.pml:58 - [k = 0] (0:163:4 - 3)
		IfNotBlocked
		reached[0][95] = 1;
		(trpt+1)->bup.ovals = grab_ints(4);
		(trpt+1)->bup.ovals[0] = ((int)((P0 *)_this)->k);
		((P0 *)_this)->k = 0;
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		/* merge: signal[next] = 1(163, 97, 163) */
		reached[0][97] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.signal[ Index(((int)((P0 *)_this)->next), 3) ]);
		now.signal[ Index(((P0 *)_this)->next, 3) ] = 1;
#ifdef VAR_RANGES
		logval("signal[thread:next]", ((int)now.signal[ Index(((int)((P0 *)_this)->next), 3) ]));
#endif
		;
		/* merge: next = 255(163, 98, 163) */
		reached[0][98] = 1;
		(trpt+1)->bup.ovals[2] = ((int)((P0 *)_this)->next);
		((P0 *)_this)->next = 255;
#ifdef VAR_RANGES
		logval("thread:next", ((int)((P0 *)_this)->next));
#endif
		;
		if (TstOnly) return 1; /* TT */
		/* dead 2: next */  
#ifdef HAS_CODE
		if (!readtrail)
#endif
			((P0 *)_this)->next = 0;
		/* merge: .(goto)(163, 157, 163) */
		reached[0][157] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 32: // STATE 157 - gil.pml:111 - [.(goto)] (0:163:0 - 3)
		IfNotBlocked
		reached[0][157] = 1;
		;
		_m = 3; goto P999; /* 0 */
	case 33: // STATE 100 - gil.pml:105 - [((!(held)&&!(((holder==255)||(!(taken[i])&&((keeper==i)||(queue[0]==i)))))))] (148:0:1 - 1)
		IfNotBlocked
		reached[0][100] = 1;
		if (!(( !(((int)now.held))&& !(((((int)now.holder)==255)||( !(((int)now.taken[ Index(((int)((P0 *)_this)->i), 3) ]))&&((((int)now.keeper)==((int)((P0 *)_this)->i))||(((int)now.queue[0])==((int)((P0 *)_this)->i)))))))))
			continue;
		/* merge: taken[i] = 0(0, 101, 148) */
		reached[0][101] = 1;
		(trpt+1)->bup.oval = ((int)now.taken[ Index(((int)((P0 *)_this)->i), 3) ]);
		now.taken[ Index(((P0 *)_this)->i, 3) ] = 0;
#ifdef VAR_RANGES
		logval("taken[thread:i]", ((int)now.taken[ Index(((int)((P0 *)_this)->i), 3) ]));
#endif
		;
		_m = 3; goto P999; /* 1 */
	case 34: // STATE 102 - gil.pml:107 - [((drop&&((keeper==i)||(queue[0]==i))))] (146:0:1 - 1)
		IfNotBlocked
		reached[0][102] = 1;
		if (!((((int)now.drop)&&((((int)now.keeper)==((int)((P0 *)_this)->i))||(((int)now.queue[0])==((int)((P0 *)_this)->i))))))
			continue;
		/* merge: held = 1(0, 103, 146) */
		reached[0][103] = 1;
		(trpt+1)->bup.oval = ((int)now.held);
		now.held = 1;
#ifdef VAR_RANGES
		logval("held", ((int)now.held));
#endif
		;
		_m = 3; goto P999; /* 1 */
	case 35: // STATE 104 - gil.pml:63 - [next = queue[0]] (0:0:1 - 1)
		IfNotBlocked
		reached[0][104] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->next);
		((P0 *)_this)->next = ((int)now.queue[0]);
#ifdef VAR_RANGES
		logval("thread:next", ((int)((P0 *)_this)->next));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 36: // STATE 105 - gil.pml:37 - [k = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][105] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->k);
		((P0 *)_this)->k = 0;
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 37: // STATE 106 - gil.pml:39 - [(((k<length)&&(queue[k]!=next)))] (110:0:1 - 1)
		IfNotBlocked
		reached[0][106] = 1;
		if (!(((((int)((P0 *)_this)->k)<((int)now.length))&&(((int)now.queue[ Index(((int)((P0 *)_this)->k), 3) ])!=((int)((P0 *)_this)->next)))))
			continue;
		/* merge: k = (k+1)(0, 107, 110) */
		reached[0][107] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->k);
		((P0 *)_this)->k = (((int)((P0 *)_this)->k)+1);
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		/* merge: .(goto)(0, 111, 110) */
		reached[0][111] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 38: // STATE 113 - gil.pml:43 - [(((k+1)<length))] (118:0:2 - 1)
		IfNotBlocked
		reached[0][113] = 1;
		if (!(((((int)((P0 *)_this)->k)+1)<((int)now.length))))
			continue;
		/* merge: queue[k] = queue[(k+1)](118, 114, 118) */
		reached[0][114] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.queue[ Index(((int)((P0 *)_this)->k), 3) ]);
		now.queue[ Index(((P0 *)_this)->k, 3) ] = ((int)now.queue[ Index((((int)((P0 *)_this)->k)+1), 3) ]);
#ifdef VAR_RANGES
		logval("queue[thread:k]", ((int)now.queue[ Index(((int)((P0 *)_this)->k), 3) ]));
#endif
		;
		/* merge: k = (k+1)(118, 115, 118) */
		reached[0][115] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->k);
		((P0 *)_this)->k = (((int)((P0 *)_this)->k)+1);
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		/* merge: .(goto)(0, 119, 118) */
		reached[0][119] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 39: // STATE 121 - gil.pml:46 - [length = (length-1)] (0:128:3 - 3)
		IfNotBlocked
		reached[0][121] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = ((int)now.length);
		now.length = (((int)now.length)-1);
#ifdef VAR_RANGES
		logval("length", ((int)now.length));
#endif
		;
		/* merge: queue[length] = 0(128, 122, 128) */
		reached[0][122] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.queue[ Index(((int)now.length), 3) ]);
		now.queue[ Index(now.length, 3) ] = 0;
#ifdef VAR_RANGES
		logval("queue[length]", ((int)now.queue[ Index(((int)now.length), 3) ]));
#endif
		;
		/* merge: k = 0(128, 123, 128) */
		reached[0][123] = 1;
		(trpt+1)->bup.ovals[2] = ((int)((P0 *)_this)->k);
		((P0 *)_this)->k = 0;
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		_m = 3; goto P999; /* 2 */
	case 40: // STATE 125 - gil.pml:65 - [((keeper==next))] (143:0:4 - 1)
		IfNotBlocked
		reached[0][125] = 1;
		if (!((((int)now.keeper)==((int)((P0 *)_this)->next))))
			continue;
		/* merge: keeper = 255(143, 126, 143) */
		reached[0][126] = 1;
		(trpt+1)->bup.ovals = grab_ints(4);
		(trpt+1)->bup.ovals[0] = ((int)now.keeper);
		now.keeper = 255;
#ifdef VAR_RANGES
		logval("keeper", ((int)now.keeper));
#endif
		;
		/* merge: .(goto)(143, 129, 143) */
		reached[0][129] = 1;
		;
		/* merge: granted[next] = 1(143, 130, 143) */
		reached[0][130] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.granted[ Index(((int)((P0 *)_this)->next), 3) ]);
		now.granted[ Index(((P0 *)_this)->next, 3) ] = 1;
#ifdef VAR_RANGES
		logval("granted[thread:next]", ((int)now.granted[ Index(((int)((P0 *)_this)->next), 3) ]));
#endif
		;
		/* merge: holder = next(143, 131, 143) */
		reached[0][131] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.holder);
		now.holder = ((int)((P0 *)_this)->next);
#ifdef VAR_RANGES
		logval("holder", ((int)now.holder));
#endif
		;
		/* merge: drop = 0(143, 132, 143) */
		reached[0][132] = 1;
		(trpt+1)->bup.ovals[3] = ((int)now.drop);
		now.drop = 0;
#ifdef VAR_RANGES
		logval("drop", ((int)now.drop));
#endif
		;
		_m = 3; goto P999; /* 5 */
	case 41: // STATE 130 - gil.pml:66 - [granted[next] = 1] (0:143:3 - 3)
		IfNotBlocked
		reached[0][130] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = ((int)now.granted[ Index(((int)((P0 *)_this)->next), 3) ]);
		now.granted[ Index(((P0 *)_this)->next, 3) ] = 1;
#ifdef VAR_RANGES
		logval("granted[thread:next]", ((int)now.granted[ Index(((int)((P0 *)_this)->next), 3) ]));
#endif
		;
		/* merge: holder = next(143, 131, 143) */
		reached[0][131] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.holder);
		now.holder = ((int)((P0 *)_this)->next);
#ifdef VAR_RANGES
		logval("holder", ((int)now.holder));
#endif
		;
		/* merge: drop = 0(143, 132, 143) */
		reached[0][132] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.drop);
		now.drop = 0;
#ifdef VAR_RANGES
		logval("drop", ((int)now.drop));
#endif
		;
		_m = 3; goto P999; /* 2 */
	case 42: // STATE 133 - gil.pml:53 - [k = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][133] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->k);
		((P0 *)_this)->k = 0;
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 43: // STATE 134 - gil.pml:55 - [((k<3))] (139:0:2 - 1)
		IfNotBlocked
		reached[0][134] = 1;
		if (!((((int)((P0 *)_this)->k)<3)))
			continue;
		/* merge: taken[k] = 1(139, 135, 139) */
		reached[0][135] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.taken[ Index(((int)((P0 *)_this)->k), 3) ]);
		now.taken[ Index(((P0 *)_this)->k, 3) ] = 1;
#ifdef VAR_RANGES
		logval("taken[thread:k]", ((int)now.taken[ Index(((int)((P0 *)_this)->k), 3) ]));
#endif
		;
		/* merge: k = (k+1)(139, 136, 139) */
		reached[0][136] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->k);
		((P0 *)_this)->k = (((int)((P0 *)_this)->k)+1);
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		/* merge: .(goto)(0, 140, 139) */
		reached[0][140] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 44: // STATE 142 - gil.pml:58 - [k = 0] (0:163:4 - 3)
		IfNotBlocked
		reached[0][142] = 1;
		(trpt+1)->bup.ovals = grab_ints(4);
		(trpt+1)->bup.ovals[0] = ((int)((P0 *)_this)->k);
		((P0 *)_this)->k = 0;
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		/* merge: signal[next] = 1(163, 144, 163) */
		reached[0][144] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.signal[ Index(((int)((P0 *)_this)->next), 3) ]);
		now.signal[ Index(((P0 *)_this)->next, 3) ] = 1;
#ifdef VAR_RANGES
		logval("signal[thread:next]", ((int)now.signal[ Index(((int)((P0 *)_this)->next), 3) ]));
#endif
		;
		/* merge: next = 255(163, 145, 163) */
		reached[0][145] = 1;
		(trpt+1)->bup.ovals[2] = ((int)((P0 *)_this)->next);
		((P0 *)_this)->next = 255;
#ifdef VAR_RANGES
		logval("thread:next", ((int)((P0 *)_this)->next));
#endif
		;
		if (TstOnly) return 1; /* TT */
		/* dead 2: next */  
#ifdef HAS_CODE
		if (!readtrail)
#endif
			((P0 *)_this)->next = 0;
		/* merge: .(goto)(163, 149, 163) */
		reached[0][149] = 1;
		;
		/* merge: .(goto)(163, 157, 163) */
		reached[0][157] = 1;
		;
		_m = 3; goto P999; /* 4 */
	case 45: // STATE 149 - gil.pml:108 - [.(goto)] (0:163:0 - 2)
		IfNotBlocked
		reached[0][149] = 1;
		;
		/* merge: .(goto)(163, 157, 163) */
		reached[0][157] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 46: // STATE 151 - gil.pml:109 - [(((keeper==i)&&looked))] (163:0:2 - 1)
		IfNotBlocked
		reached[0][151] = 1;
		if (!(((((int)now.keeper)==((int)((P0 *)_this)->i))&&((int)((P0 *)_this)->looked))))
			continue;
		if (TstOnly) return 1; /* TT */
		/* dead 1: looked */  (trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((P0 *)_this)->looked;
#ifdef HAS_CODE
		if (!readtrail)
#endif
			((P0 *)_this)->looked = 0;
		/* merge: drop = 1(163, 152, 163) */
		reached[0][152] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.drop);
		now.drop = 1;
#ifdef VAR_RANGES
		logval("drop", ((int)now.drop));
#endif
		;
		/* merge: .(goto)(163, 155, 163) */
		reached[0][155] = 1;
		;
		/* merge: .(goto)(163, 157, 163) */
		reached[0][157] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 47: // STATE 155 - gil.pml:110 - [.(goto)] (0:163:0 - 2)
		IfNotBlocked
		reached[0][155] = 1;
		;
		/* merge: .(goto)(163, 157, 163) */
		reached[0][157] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 48: // STATE 159 - gil.pml:113 - [(granted[i])] (0:0:0 - 1)
		IfNotBlocked
		reached[0][159] = 1;
		if (!(((int)now.granted[ Index(((int)((P0 *)_this)->i), 3) ])))
			continue;
		_m = 3; goto P999; /* 0 */
	case 49: // STATE 160 - gil.pml:113 - [granted[i] = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][160] = 1;
		(trpt+1)->bup.oval = ((int)now.granted[ Index(((int)((P0 *)_this)->i), 3) ]);
		now.granted[ Index(((P0 *)_this)->i, 3) ] = 0;
#ifdef VAR_RANGES
		logval("granted[thread:i]", ((int)now.granted[ Index(((int)((P0 *)_this)->i), 3) ]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 50: // STATE 185 - gil.pml:116 - [D_STEP116]
		IfNotBlocked

		reached[0][185] = 1;
		reached[0][t->st] = 1;
		reached[0][tt] = 1;

		if (TstOnly) return 1;

		sv_save();
		S_164_0: /* 2 */
		((P0 *)_this)->raised = 0;
#ifdef VAR_RANGES
		logval("thread:raised", ((int)((P0 *)_this)->raised));
#endif
		;
S_181_0: /* 2 */
S_169_0: /* 2 */
S_165_0: /* 2 */
		if (!(((((int)now.keeper)==255)&&(((int)now.length)>0))))
			goto S_169_1;
S_166_0: /* 2 */
		now.keeper = ((int)now.queue[ Index((((int)now.length)-1), 3) ]);
#ifdef VAR_RANGES
		logval("keeper", ((int)now.keeper));
#endif
		;
S_167_0: /* 2 */
		now.signal[ Index(now.keeper, 3) ] = 1;
#ifdef VAR_RANGES
		logval("signal[keeper]", ((int)now.signal[ Index(((int)now.keeper), 3) ]));
#endif
		;
		goto S_170_0;
S_169_1: /* 3 */
S_168_0: /* 2 */
		/* else */;
		goto S_170_0;
S_169_2: /* 3 */
		Uerror("blocking sel in d_step (nr.1, near line 77)");
S_170_0: /* 2 */
S_179_0: /* 2 */
S_171_0: /* 2 */
		if (!(((((int)now.length)>0)&&(((int)now.attention)==0))))
			goto S_179_1;
S_172_0: /* 2 */
		now.attention = 1;
#ifdef VAR_RANGES
		logval("attention", ((int)now.attention));
#endif
		;
S_173_0: /* 2 */
		now.stale = 1;
#ifdef VAR_RANGES
		logval("stale", ((int)now.stale));
#endif
		;
S_174_0: /* 2 */
		((P0 *)_this)->raised = 1;
#ifdef VAR_RANGES
		logval("thread:raised", ((int)((P0 *)_this)->raised));
#endif
		;
		goto S_180_0;
S_179_1: /* 3 */
S_175_0: /* 2 */
		if (!((((int)now.length)==0)))
			goto S_179_2;
S_176_0: /* 2 */
		now.attention = 0;
#ifdef VAR_RANGES
		logval("attention", ((int)now.attention));
#endif
		;
S_177_0: /* 2 */
		now.stale = 0;
#ifdef VAR_RANGES
		logval("stale", ((int)now.stale));
#endif
		;
		goto S_180_0;
S_179_2: /* 3 */
S_178_0: /* 2 */
		/* else */;
		goto S_180_0;
S_179_3: /* 3 */
		Uerror("blocking sel in d_step (nr.2, near line 82)");
S_180_0: /* 2 */
		goto S_182_0;
S_182_0: /* 2 */
		now.signal[ Index(((P0 *)_this)->i, 3) ] = 0;
#ifdef VAR_RANGES
		logval("signal[thread:i]", ((int)now.signal[ Index(((int)((P0 *)_this)->i), 3) ]));
#endif
		;
S_183_0: /* 2 */
		((P0 *)_this)->looked = 1;
#ifdef VAR_RANGES
		logval("thread:looked", ((int)((P0 *)_this)->looked));
#endif
		;
		goto S_186_0;
S_186_0: /* 1 */

#if defined(C_States) && (HAS_TRACK==1)
		c_update((uchar *) &(now.c_state[0]));
#endif
		_m = 3; goto P999;

	case 51: // STATE 186 - gil.pml:33 - [mtx = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][186] = 1;
		(trpt+1)->bup.oval = ((int)now.mtx);
		now.mtx = 0;
#ifdef VAR_RANGES
		logval("mtx", ((int)now.mtx));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 52: // STATE 188 - gil.pml:124 - [(signal[i])] (0:0:0 - 1)
		IfNotBlocked
		reached[0][188] = 1;
		if (!(((int)now.signal[ Index(((int)((P0 *)_this)->i), 3) ])))
			continue;
		_m = 3; goto P999; /* 0 */
	case 53: // STATE 189 - gil.pml:125 - [((keeper==i))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][189] = 1;
		if (!((((int)now.keeper)==((int)((P0 *)_this)->i))))
			continue;
		_m = 3; goto P999; /* 0 */
	case 54: // STATE 190 - gil.pml:125 - [stale = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][190] = 1;
		(trpt+1)->bup.oval = ((int)now.stale);
		now.stale = 0;
#ifdef VAR_RANGES
		logval("stale", ((int)now.stale));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 55: // STATE 191 - gil.pml:127 - [(raised)] (0:0:1 - 1)
		IfNotBlocked
		reached[0][191] = 1;
		if (!(((int)((P0 *)_this)->raised)))
			continue;
		if (TstOnly) return 1; /* TT */
		/* dead 1: raised */  (trpt+1)->bup.oval = ((P0 *)_this)->raised;
#ifdef HAS_CODE
		if (!readtrail)
#endif
			((P0 *)_this)->raised = 0;
		_m = 3; goto P999; /* 0 */
	case 56: // STATE 192 - gil.pml:127 - [stale = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][192] = 1;
		(trpt+1)->bup.oval = ((int)now.stale);
		now.stale = 0;
#ifdef VAR_RANGES
		logval("stale", ((int)now.stale));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 57: // STATE 195 - gil.pml:32 - [((mtx==0))] (199:0:1 - 1)
		IfNotBlocked
		reached[0][195] = 1;
		if (!((((int)now.mtx)==0)))
			continue;
		/* merge: mtx = 1(0, 196, 199) */
		reached[0][196] = 1;
		(trpt+1)->bup.oval = ((int)now.mtx);
		now.mtx = 1;
#ifdef VAR_RANGES
		logval("mtx", ((int)now.mtx));
#endif
		;
		/* merge: .(goto)(0, 200, 199) */
		reached[0][200] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 58: // STATE 202 - gil.pml:132 - [waiting[i] = 0] (0:0:1 - 5)
		IfNotBlocked
		reached[0][202] = 1;
		(trpt+1)->bup.oval = ((int)waiting[ Index(((int)((P0 *)_this)->i), 3) ]);
		waiting[ Index(((P0 *)_this)->i, 3) ] = 0;
#ifdef VAR_RANGES
		logval("waiting[thread:i]", ((int)waiting[ Index(((int)((P0 *)_this)->i), 3) ]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 59: // STATE 229 - gil.pml:136 - [D_STEP136]
		if (!(((boq == -1 && (((int)now.keeper)==((int)((P0 *)_this)->i)))) || (boq == -1 /* else */)))
			continue;

		reached[0][229] = 1;
		reached[0][t->st] = 1;
		reached[0][tt] = 1;

		if (TstOnly) return 1;

		sv_save();
		S_208_0: /* 2 */
S_205_0: /* 2 */
		if (!((((int)now.keeper)==((int)((P0 *)_this)->i))))
			goto S_208_1;
S_206_0: /* 2 */
		now.keeper = 255;
#ifdef VAR_RANGES
		logval("keeper", ((int)now.keeper));
#endif
		;
		goto S_209_0;
S_208_1: /* 3 */
S_207_0: /* 2 */
		/* else */;
		goto S_209_0;
S_208_2: /* 3 */
		Uerror("blocking sel in d_step (nr.3, near line 137)");
S_209_0: /* 2 */
S_210_0: /* 2 */
		((P0 *)_this)->raised = 0;
#ifdef VAR_RANGES
		logval("thread:raised", ((int)((P0 *)_this)->raised));
#endif
		;
S_227_0: /* 2 */
S_215_0: /* 2 */
S_211_0: /* 2 */
		if (!(((((int)now.keeper)==255)&&(((int)now.length)>0))))
			goto S_215_1;
S_212_0: /* 2 */
		now.keeper = ((int)now.queue[ Index((((int)now.length)-1), 3) ]);
#ifdef VAR_RANGES
		logval("keeper", ((int)now.keeper));
#endif
		;
S_213_0: /* 2 */
		now.signal[ Index(now.keeper, 3) ] = 1;
#ifdef VAR_RANGES
		logval("signal[keeper]", ((int)now.signal[ Index(((int)now.keeper), 3) ]));
#endif
		;
		goto S_216_0;
S_215_1: /* 3 */
S_214_0: /* 2 */
		/* else */;
		goto S_216_0;
S_215_2: /* 3 */
		Uerror("blocking sel in d_step (nr.4, near line 77)");
S_216_0: /* 2 */
S_225_0: /* 2 */
S_217_0: /* 2 */
		if (!(((((int)now.length)>0)&&(((int)now.attention)==0))))
			goto S_225_1;
S_218_0: /* 2 */
		now.attention = 1;
#ifdef VAR_RANGES
		logval("attention", ((int)now.attention));
#endif
		;
S_219_0: /* 2 */
		now.stale = 1;
#ifdef VAR_RANGES
		logval("stale", ((int)now.stale));
#endif
		;
S_220_0: /* 2 */
		((P0 *)_this)->raised = 1;
#ifdef VAR_RANGES
		logval("thread:raised", ((int)((P0 *)_this)->raised));
#endif
		;
		goto S_226_0;
S_225_1: /* 3 */
S_221_0: /* 2 */
		if (!((((int)now.length)==0)))
			goto S_225_2;
S_222_0: /* 2 */
		now.attention = 0;
#ifdef VAR_RANGES
		logval("attention", ((int)now.attention));
#endif
		;
S_223_0: /* 2 */
		now.stale = 0;
#ifdef VAR_RANGES
		logval("stale", ((int)now.stale));
#endif
		;
		goto S_226_0;
S_225_2: /* 3 */
S_224_0: /* 2 */
		/* else */;
		goto S_226_0;
S_225_3: /* 3 */
		Uerror("blocking sel in d_step (nr.5, near line 82)");
S_226_0: /* 2 */
		goto S_230_0;
S_230_0: /* 1 */

#if defined(C_States) && (HAS_TRACK==1)
		c_update((uchar *) &(now.c_state[0]));
#endif
		_m = 3; goto P999;

	case 60: // STATE 230 - gil.pml:33 - [mtx = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][230] = 1;
		(trpt+1)->bup.oval = ((int)now.mtx);
		now.mtx = 0;
#ifdef VAR_RANGES
		logval("mtx", ((int)now.mtx));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 61: // STATE 235 - gil.pml:160 - [inside = (inside+1)] (0:241:2 - 1)
		IfNotBlocked
		reached[0][235] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.inside);
		now.inside = (((int)now.inside)+1);
#ifdef VAR_RANGES
		logval("inside", ((int)now.inside));
#endif
		;
		/* merge: having[i] = 1(241, 236, 241) */
		reached[0][236] = 1;
		(trpt+1)->bup.ovals[1] = ((int)having[ Index(((int)((P0 *)_this)->i), 3) ]);
		having[ Index(((P0 *)_this)->i, 3) ] = 1;
#ifdef VAR_RANGES
		logval("having[thread:i]", ((int)having[ Index(((int)((P0 *)_this)->i), 3) ]));
#endif
		;
		/* merge: assert(((inside==1)&&held))(241, 237, 241) */
		reached[0][237] = 1;
		spin_assert(((((int)now.inside)==1)&&((int)now.held)), "((inside==1)&&held)", II, tt, t);
		_m = 3; goto P999; /* 2 */
	case 62: // STATE 239 - gil.pml:161 - [inside = (inside-1)] (0:664:2 - 1)
		IfNotBlocked
		reached[0][239] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.inside);
		now.inside = (((int)now.inside)-1);
#ifdef VAR_RANGES
		logval("inside", ((int)now.inside));
#endif
		;
		/* merge: having[i] = 0(664, 240, 664) */
		reached[0][240] = 1;
		(trpt+1)->bup.ovals[1] = ((int)having[ Index(((int)((P0 *)_this)->i), 3) ]);
		having[ Index(((P0 *)_this)->i, 3) ] = 0;
#ifdef VAR_RANGES
		logval("having[thread:i]", ((int)having[ Index(((int)((P0 *)_this)->i), 3) ]));
#endif
		;
		_m = 3; goto P999; /* 1 */
	case 63: // STATE 242 - gil.pml:164 - [last = i] (0:248:2 - 1)
		IfNotBlocked
		reached[0][242] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.last);
		now.last = ((int)((P0 *)_this)->i);
#ifdef VAR_RANGES
		logval("last", ((int)now.last));
#endif
		;
		/* merge: held = 0(248, 243, 248) */
		reached[0][243] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.held);
		now.held = 0;
#ifdef VAR_RANGES
		logval("held", ((int)now.held));
#endif
		;
		_m = 3; goto P999; /* 1 */
	case 64: // STATE 245 - gil.pml:166 - [heed = attention] (0:0:1 - 1)
		IfNotBlocked
		reached[0][245] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->heed);
		((P0 *)_this)->heed = ((int)now.attention);
#ifdef VAR_RANGES
		logval("thread:heed", ((int)((P0 *)_this)->heed));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 65: // STATE 246 - gil.pml:167 - [(stale)] (0:0:0 - 1)
		IfNotBlocked
		reached[0][246] = 1;
		if (!(((int)now.stale)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 66: // STATE 247 - gil.pml:167 - [heed = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][247] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->heed);
		((P0 *)_this)->heed = 0;
#ifdef VAR_RANGES
		logval("thread:heed", ((int)((P0 *)_this)->heed));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 67: // STATE 250 - gil.pml:170 - [(heed)] (255:0:2 - 1)
		IfNotBlocked
		reached[0][250] = 1;
		if (!(((int)((P0 *)_this)->heed)))
			continue;
		if (TstOnly) return 1; /* TT */
		/* dead 1: heed */  (trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((P0 *)_this)->heed;
#ifdef HAS_CODE
		if (!readtrail)
#endif
			((P0 *)_this)->heed = 0;
		/* merge: heed = 0(0, 251, 255) */
		reached[0][251] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->heed);
		((P0 *)_this)->heed = 0;
#ifdef VAR_RANGES
		logval("thread:heed", ((int)((P0 *)_this)->heed));
#endif
		;
		_m = 3; goto P999; /* 1 */
	case 68: // STATE 252 - gil.pml:32 - [((mtx==0))] (304:0:1 - 1)
		IfNotBlocked
		reached[0][252] = 1;
		if (!((((int)now.mtx)==0)))
			continue;
		/* merge: mtx = 1(0, 253, 304) */
		reached[0][253] = 1;
		(trpt+1)->bup.oval = ((int)now.mtx);
		now.mtx = 1;
#ifdef VAR_RANGES
		logval("mtx", ((int)now.mtx));
#endif
		;
		_m = 3; goto P999; /* 1 */
	case 69: // STATE 256 - gil.pml:175 - [((((!(held)&&(last==i))&&drop)&&(length>0)))] (300:0:1 - 1)
		IfNotBlocked
		reached[0][256] = 1;
		if (!(((( !(((int)now.held))&&(((int)now.last)==((int)((P0 *)_this)->i)))&&((int)now.drop))&&(((int)now.length)>0))))
			continue;
		/* merge: held = 1(0, 257, 300) */
		reached[0][257] = 1;
		(trpt+1)->bup.oval = ((int)now.held);
		now.held = 1;
#ifdef VAR_RANGES
		logval("held", ((int)now.held));
#endif
		;
		_m = 3; goto P999; /* 1 */
	case 70: // STATE 258 - gil.pml:63 - [next = queue[0]] (0:0:1 - 1)
		IfNotBlocked
		reached[0][258] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->next);
		((P0 *)_this)->next = ((int)now.queue[0]);
#ifdef VAR_RANGES
		logval("thread:next", ((int)((P0 *)_this)->next));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 71: // STATE 259 - gil.pml:37 - [k = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][259] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->k);
		((P0 *)_this)->k = 0;
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 72: // STATE 260 - gil.pml:39 - [(((k<length)&&(queue[k]!=next)))] (264:0:1 - 1)
		IfNotBlocked
		reached[0][260] = 1;
		if (!(((((int)((P0 *)_this)->k)<((int)now.length))&&(((int)now.queue[ Index(((int)((P0 *)_this)->k), 3) ])!=((int)((P0 *)_this)->next)))))
			continue;
		/* merge: k = (k+1)(0, 261, 264) */
		reached[0][261] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->k);
		((P0 *)_this)->k = (((int)((P0 *)_this)->k)+1);
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		/* merge: .(goto)(0, 265, 264) */
		reached[0][265] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 73: // STATE 267 - gil.pml:43 - [(((k+1)<length))] (272:0:2 - 1)
		IfNotBlocked
		reached[0][267] = 1;
		if (!(((((int)((P0 *)_this)->k)+1)<((int)now.length))))
			continue;
		/* merge: queue[k] = queue[(k+1)](272, 268, 272) */
		reached[0][268] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.queue[ Index(((int)((P0 *)_this)->k), 3) ]);
		now.queue[ Index(((P0 *)_this)->k, 3) ] = ((int)now.queue[ Index((((int)((P0 *)_this)->k)+1), 3) ]);
#ifdef VAR_RANGES
		logval("queue[thread:k]", ((int)now.queue[ Index(((int)((P0 *)_this)->k), 3) ]));
#endif
		;
		/* merge: k = (k+1)(272, 269, 272) */
		reached[0][269] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->k);
		((P0 *)_this)->k = (((int)((P0 *)_this)->k)+1);
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		/* merge: .(goto)(0, 273, 272) */
		reached[0][273] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 74: // STATE 275 - gil.pml:46 - [length = (length-1)] (0:282:3 - 3)
		IfNotBlocked
		reached[0][275] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = ((int)now.length);
		now.length = (((int)now.length)-1);
#ifdef VAR_RANGES
		logval("length", ((int)now.length));
#endif
		;
		/* merge: queue[length] = 0(282, 276, 282) */
		reached[0][276] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.queue[ Index(((int)now.length), 3) ]);
		now.queue[ Index(now.length, 3) ] = 0;
#ifdef VAR_RANGES
		logval("queue[length]", ((int)now.queue[ Index(((int)now.length), 3) ]));
#endif
		;
		/* merge: k = 0(282, 277, 282) */
		reached[0][277] = 1;
		(trpt+1)->bup.ovals[2] = ((int)((P0 *)_this)->k);
		((P0 *)_this)->k = 0;
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		_m = 3; goto P999; /* 2 */
	case 75: // STATE 279 - gil.pml:65 - [((keeper==next))] (297:0:4 - 1)
		IfNotBlocked
		reached[0][279] = 1;
		if (!((((int)now.keeper)==((int)((P0 *)_this)->next))))
			continue;
		/* merge: keeper = 255(297, 280, 297) */
		reached[0][280] = 1;
		(trpt+1)->bup.ovals = grab_ints(4);
		(trpt+1)->bup.ovals[0] = ((int)now.keeper);
		now.keeper = 255;
#ifdef VAR_RANGES
		logval("keeper", ((int)now.keeper));
#endif
		;
		/* merge: .(goto)(297, 283, 297) */
		reached[0][283] = 1;
		;
		/* merge: granted[next] = 1(297, 284, 297) */
		reached[0][284] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.granted[ Index(((int)((P0 *)_this)->next), 3) ]);
		now.granted[ Index(((P0 *)_this)->next, 3) ] = 1;
#ifdef VAR_RANGES
		logval("granted[thread:next]", ((int)now.granted[ Index(((int)((P0 *)_this)->next), 3) ]));
#endif
		;
		/* merge: holder = next(297, 285, 297) */
		reached[0][285] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.holder);
		now.holder = ((int)((P0 *)_this)->next);
#ifdef VAR_RANGES
		logval("holder", ((int)now.holder));
#endif
		;
		/* merge: drop = 0(297, 286, 297) */
		reached[0][286] = 1;
		(trpt+1)->bup.ovals[3] = ((int)now.drop);
		now.drop = 0;
#ifdef VAR_RANGES
		logval("drop", ((int)now.drop));
#endif
		;
		_m = 3; goto P999; /* 5 */
	case 76: // STATE 284 - gil.pml:66 - [granted[next] = 1] (0:297:3 - 3)
		IfNotBlocked
		reached[0][284] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = ((int)now.granted[ Index(((int)((P0 *)_this)->next), 3) ]);
		now.granted[ Index(((P0 *)_this)->next, 3) ] = 1;
#ifdef VAR_RANGES
		logval("granted[thread:next]", ((int)now.granted[ Index(((int)((P0 *)_this)->next), 3) ]));
#endif
		;
		/* merge: holder = next(297, 285, 297) */
		reached[0][285] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.holder);
		now.holder = ((int)((P0 *)_this)->next);
#ifdef VAR_RANGES
		logval("holder", ((int)now.holder));
#endif
		;
		/* merge: drop = 0(297, 286, 297) */
		reached[0][286] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.drop);
		now.drop = 0;
#ifdef VAR_RANGES
		logval("drop", ((int)now.drop));
#endif
		;
		_m = 3; goto P999; /* 2 */
	case 77: // STATE 287 - gil.pml:53 - [k = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][287] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->k);
		((P0 *)_this)->k = 0;
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 78: // STATE 288 - gil.pml:55 - [((k<3))] (293:0:2 - 1)
		IfNotBlocked
		reached[0][288] = 1;
		if (!((((int)((P0 *)_this)->k)<3)))
			continue;
		/* merge: taken[k] = 1(293, 289, 293) */
		reached[0][289] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.taken[ Index(((int)((P0 *)_this)->k), 3) ]);
		now.taken[ Index(((P0 *)_this)->k, 3) ] = 1;
#ifdef VAR_RANGES
		logval("taken[thread:k]", ((int)now.taken[ Index(((int)((P0 *)_this)->k), 3) ]));
#endif
		;
		/* merge: k = (k+1)(293, 290, 293) */
		reached[0][290] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->k);
		((P0 *)_this)->k = (((int)((P0 *)_this)->k)+1);
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		/* merge: .(goto)(0, 294, 293) */
		reached[0][294] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 79: // STATE 296 - gil.pml:58 - [k = 0] (0:323:4 - 3)
		IfNotBlocked
		reached[0][296] = 1;
		(trpt+1)->bup.ovals = grab_ints(4);
		(trpt+1)->bup.ovals[0] = ((int)((P0 *)_this)->k);
		((P0 *)_this)->k = 0;
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		/* merge: signal[next] = 1(323, 298, 323) */
		reached[0][298] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.signal[ Index(((int)((P0 *)_this)->next), 3) ]);
		now.signal[ Index(((P0 *)_this)->next, 3) ] = 1;
#ifdef VAR_RANGES
		logval("signal[thread:next]", ((int)now.signal[ Index(((int)((P0 *)_this)->next), 3) ]));
#endif
		;
		/* merge: next = 255(323, 299, 323) */
		reached[0][299] = 1;
		(trpt+1)->bup.ovals[2] = ((int)((P0 *)_this)->next);
		((P0 *)_this)->next = 255;
#ifdef VAR_RANGES
		logval("thread:next", ((int)((P0 *)_this)->next));
#endif
		;
		if (TstOnly) return 1; /* TT */
		/* dead 2: next */  
#ifdef HAS_CODE
		if (!readtrail)
#endif
			((P0 *)_this)->next = 0;
		/* merge: .(goto)(323, 303, 323) */
		reached[0][303] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 80: // STATE 303 - gil.pml:178 - [.(goto)] (0:323:0 - 2)
		IfNotBlocked
		reached[0][303] = 1;
		;
		_m = 3; goto P999; /* 0 */
	case 81: // STATE 323 - gil.pml:179 - [D_STEP179]
		IfNotBlocked

		reached[0][323] = 1;
		reached[0][t->st] = 1;
		reached[0][tt] = 1;

		if (TstOnly) return 1;

		sv_save();
		S_304_0: /* 2 */
		((P0 *)_this)->raised = 0;
#ifdef VAR_RANGES
		logval("thread:raised", ((int)((P0 *)_this)->raised));
#endif
		;
S_321_0: /* 2 */
S_309_0: /* 2 */
S_305_0: /* 2 */
		if (!(((((int)now.keeper)==255)&&(((int)now.length)>0))))
			goto S_309_1;
S_306_0: /* 2 */
		now.keeper = ((int)now.queue[ Index((((int)now.length)-1), 3) ]);
#ifdef VAR_RANGES
		logval("keeper", ((int)now.keeper));
#endif
		;
S_307_0: /* 2 */
		now.signal[ Index(now.keeper, 3) ] = 1;
#ifdef VAR_RANGES
		logval("signal[keeper]", ((int)now.signal[ Index(((int)now.keeper), 3) ]));
#endif
		;
		goto S_310_0;
S_309_1: /* 3 */
S_308_0: /* 2 */
		/* else */;
		goto S_310_0;
S_309_2: /* 3 */
		Uerror("blocking sel in d_step (nr.6, near line 77)");
S_310_0: /* 2 */
S_319_0: /* 2 */
S_311_0: /* 2 */
		if (!(((((int)now.length)>0)&&(((int)now.attention)==0))))
			goto S_319_1;
S_312_0: /* 2 */
		now.attention = 1;
#ifdef VAR_RANGES
		logval("attention", ((int)now.attention));
#endif
		;
S_313_0: /* 2 */
		now.stale = 1;
#ifdef VAR_RANGES
		logval("stale", ((int)now.stale));
#endif
		;
S_314_0: /* 2 */
		((P0 *)_this)->raised = 1;
#ifdef VAR_RANGES
		logval("thread:raised", ((int)((P0 *)_this)->raised));
#endif
		;
		goto S_320_0;
S_319_1: /* 3 */
S_315_0: /* 2 */
		if (!((((int)now.length)==0)))
			goto S_319_2;
S_316_0: /* 2 */
		now.attention = 0;
#ifdef VAR_RANGES
		logval("attention", ((int)now.attention));
#endif
		;
S_317_0: /* 2 */
		now.stale = 0;
#ifdef VAR_RANGES
		logval("stale", ((int)now.stale));
#endif
		;
		goto S_320_0;
S_319_2: /* 3 */
S_318_0: /* 2 */
		/* else */;
		goto S_320_0;
S_319_3: /* 3 */
		Uerror("blocking sel in d_step (nr.7, near line 82)");
S_320_0: /* 2 */
		goto S_324_0;
S_324_0: /* 1 */

#if defined(C_States) && (HAS_TRACK==1)
		c_update((uchar *) &(now.c_state[0]));
#endif
		_m = 3; goto P999;

	case 82: // STATE 324 - gil.pml:33 - [mtx = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][324] = 1;
		(trpt+1)->bup.oval = ((int)now.mtx);
		now.mtx = 0;
#ifdef VAR_RANGES
		logval("mtx", ((int)now.mtx));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 83: // STATE 334 - gil.pml:32 - [((mtx==0))] (405:0:1 - 1)
		IfNotBlocked
		reached[0][334] = 1;
		if (!((((int)now.mtx)==0)))
			continue;
		/* merge: mtx = 1(0, 335, 405) */
		reached[0][335] = 1;
		(trpt+1)->bup.oval = ((int)now.mtx);
		now.mtx = 1;
#ifdef VAR_RANGES
		logval("mtx", ((int)now.mtx));
#endif
		;
		_m = 3; goto P999; /* 1 */
	case 84: // STATE 405 - gil.pml:189 - [D_STEP189]
		if (!(((boq == -1 && (((int)now.length)>0))) || (boq == -1 /* else */)))
			continue;

		reached[0][405] = 1;
		reached[0][t->st] = 1;
		reached[0][tt] = 1;

		if (TstOnly) return 1;

		sv_save();
		S_384_0: /* 2 */
S_337_0: /* 2 */
		if (!((((int)now.length)>0)))
			goto S_384_1;
S_380_0: /* 2 */
S_338_0: /* 2 */
		((P0 *)_this)->next = ((int)now.queue[0]);
#ifdef VAR_RANGES
		logval("thread:next", ((int)((P0 *)_this)->next));
#endif
		;
S_358_0: /* 2 */
S_339_0: /* 2 */
		((P0 *)_this)->k = 0;
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
S_345_0: /* 2 */
S_344_0: /* 2 */
S_340_0: /* 2 */
		if (!(((((int)((P0 *)_this)->k)<((int)now.length))&&(((int)now.queue[ Index(((int)((P0 *)_this)->k), 3) ])!=((int)((P0 *)_this)->next)))))
			goto S_344_1;
S_341_0: /* 2 */
		((P0 *)_this)->k = (((int)((P0 *)_this)->k)+1);
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		goto S_345_0; /* ';' */
S_344_1: /* 3 */
S_342_0: /* 2 */
		/* else */;
S_343_0: /* 2 */
		goto S_352_0;	/* 'goto' */
S_344_2: /* 3 */
		Uerror("blocking sel in d_step (nr.8, near line 38)");
S_346_0: /* 2 */
		goto S_352_0;	/* 'break' */
S_353_0: /* 2 */
S_352_0: /* 2 */
S_347_0: /* 2 */
		if (!(((((int)((P0 *)_this)->k)+1)<((int)now.length))))
			goto S_352_1;
S_348_0: /* 2 */
		now.queue[ Index(((P0 *)_this)->k, 3) ] = ((int)now.queue[ Index((((int)((P0 *)_this)->k)+1), 3) ]);
#ifdef VAR_RANGES
		logval("queue[thread:k]", ((int)now.queue[ Index(((int)((P0 *)_this)->k), 3) ]));
#endif
		;
S_349_0: /* 2 */
		((P0 *)_this)->k = (((int)((P0 *)_this)->k)+1);
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		goto S_353_0; /* ';' */
S_352_1: /* 3 */
S_350_0: /* 2 */
		/* else */;
S_351_0: /* 2 */
		goto S_355_0;	/* 'goto' */
S_352_2: /* 3 */
		Uerror("blocking sel in d_step (nr.9, near line 42)");
S_354_0: /* 2 */
		goto S_355_0;	/* 'break' */
S_355_0: /* 2 */
		now.length = (((int)now.length)-1);
#ifdef VAR_RANGES
		logval("length", ((int)now.length));
#endif
		;
S_356_0: /* 2 */
		now.queue[ Index(now.length, 3) ] = 0;
#ifdef VAR_RANGES
		logval("queue[length]", ((int)now.queue[ Index(((int)now.length), 3) ]));
#endif
		;
S_357_0: /* 2 */
		((P0 *)_this)->k = 0;
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		goto S_362_0;
S_362_0: /* 2 */
S_359_0: /* 2 */
		if (!((((int)now.keeper)==((int)((P0 *)_this)->next))))
			goto S_362_1;
S_360_0: /* 2 */
		now.keeper = 255;
#ifdef VAR_RANGES
		logval("keeper", ((int)now.keeper));
#endif
		;
		goto S_363_0;
S_362_1: /* 3 */
S_361_0: /* 2 */
		/* else */;
		goto S_363_0;
S_362_2: /* 3 */
		Uerror("blocking sel in d_step (nr.10, near line 65)");
S_363_0: /* 2 */
S_364_0: /* 2 */
		now.granted[ Index(((P0 *)_this)->next, 3) ] = 1;
#ifdef VAR_RANGES
		logval("granted[thread:next]", ((int)now.granted[ Index(((int)((P0 *)_this)->next), 3) ]));
#endif
		;
S_365_0: /* 2 */
		now.holder = ((int)((P0 *)_this)->next);
#ifdef VAR_RANGES
		logval("holder", ((int)now.holder));
#endif
		;
S_366_0: /* 2 */
		now.drop = 0;
#ifdef VAR_RANGES
		logval("drop", ((int)now.drop));
#endif
		;
S_377_0: /* 2 */
S_367_0: /* 2 */
		((P0 *)_this)->k = 0;
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
S_374_0: /* 2 */
S_373_0: /* 2 */
S_368_0: /* 2 */
		if (!((((int)((P0 *)_this)->k)<3)))
			goto S_373_1;
S_369_0: /* 2 */
		now.taken[ Index(((P0 *)_this)->k, 3) ] = 1;
#ifdef VAR_RANGES
		logval("taken[thread:k]", ((int)now.taken[ Index(((int)((P0 *)_this)->k), 3) ]));
#endif
		;
S_370_0: /* 2 */
		((P0 *)_this)->k = (((int)((P0 *)_this)->k)+1);
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		goto S_374_0; /* ';' */
S_373_1: /* 3 */
S_371_0: /* 2 */
		/* else */;
S_372_0: /* 2 */
		goto S_376_0;	/* 'goto' */
S_373_2: /* 3 */
		Uerror("blocking sel in d_step (nr.11, near line 54)");
S_375_0: /* 2 */
		goto S_376_0;	/* 'break' */
S_376_0: /* 2 */
		((P0 *)_this)->k = 0;
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		goto S_378_0;
S_378_0: /* 2 */
		now.signal[ Index(((P0 *)_this)->next, 3) ] = 1;
#ifdef VAR_RANGES
		logval("signal[thread:next]", ((int)now.signal[ Index(((int)((P0 *)_this)->next), 3) ]));
#endif
		;
S_379_0: /* 2 */
		((P0 *)_this)->next = 255;
#ifdef VAR_RANGES
		logval("thread:next", ((int)((P0 *)_this)->next));
#endif
		;
		goto S_385_0;
S_384_1: /* 3 */
S_381_0: /* 2 */
		/* else */;
S_382_0: /* 2 */
		now.last = ((int)((P0 *)_this)->i);
#ifdef VAR_RANGES
		logval("last", ((int)now.last));
#endif
		;
S_383_0: /* 2 */
		now.held = 0;
#ifdef VAR_RANGES
		logval("held", ((int)now.held));
#endif
		;
		goto S_385_0;
S_384_2: /* 3 */
		Uerror("blocking sel in d_step (nr.12, near line 190)");
S_385_0: /* 2 */
S_386_0: /* 2 */
		((P0 *)_this)->raised = 0;
#ifdef VAR_RANGES
		logval("thread:raised", ((int)((P0 *)_this)->raised));
#endif
		;
S_403_0: /* 2 */
S_391_0: /* 2 */
S_387_0: /* 2 */
		if (!(((((int)now.keeper)==255)&&(((int)now.length)>0))))
			goto S_391_1;
S_388_0: /* 2 */
		now.keeper = ((int)now.queue[ Index((((int)now.length)-1), 3) ]);
#ifdef VAR_RANGES
		logval("keeper", ((int)now.keeper));
#endif
		;
S_389_0: /* 2 */
		now.signal[ Index(now.keeper, 3) ] = 1;
#ifdef VAR_RANGES
		logval("signal[keeper]", ((int)now.signal[ Index(((int)now.keeper), 3) ]));
#endif
		;
		goto S_392_0;
S_391_1: /* 3 */
S_390_0: /* 2 */
		/* else */;
		goto S_392_0;
S_391_2: /* 3 */
		Uerror("blocking sel in d_step (nr.13, near line 77)");
S_392_0: /* 2 */
S_401_0: /* 2 */
S_393_0: /* 2 */
		if (!(((((int)now.length)>0)&&(((int)now.attention)==0))))
			goto S_401_1;
S_394_0: /* 2 */
		now.attention = 1;
#ifdef VAR_RANGES
		logval("attention", ((int)now.attention));
#endif
		;
S_395_0: /* 2 */
		now.stale = 1;
#ifdef VAR_RANGES
		logval("stale", ((int)now.stale));
#endif
		;
S_396_0: /* 2 */
		((P0 *)_this)->raised = 1;
#ifdef VAR_RANGES
		logval("thread:raised", ((int)((P0 *)_this)->raised));
#endif
		;
		goto S_402_0;
S_401_1: /* 3 */
S_397_0: /* 2 */
		if (!((((int)now.length)==0)))
			goto S_401_2;
S_398_0: /* 2 */
		now.attention = 0;
#ifdef VAR_RANGES
		logval("attention", ((int)now.attention));
#endif
		;
S_399_0: /* 2 */
		now.stale = 0;
#ifdef VAR_RANGES
		logval("stale", ((int)now.stale));
#endif
		;
		goto S_402_0;
S_401_2: /* 3 */
S_400_0: /* 2 */
		/* else */;
		goto S_402_0;
S_401_3: /* 3 */
		Uerror("blocking sel in d_step (nr.14, near line 82)");
S_402_0: /* 2 */
		goto S_406_0;
S_406_0: /* 1 */

#if defined(C_States) && (HAS_TRACK==1)
		c_update((uchar *) &(now.c_state[0]));
#endif
		_m = 3; goto P999;

	case 85: // STATE 406 - gil.pml:33 - [mtx = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][406] = 1;
		(trpt+1)->bup.oval = ((int)now.mtx);
		now.mtx = 0;
#ifdef VAR_RANGES
		logval("mtx", ((int)now.mtx));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 86: // STATE 413 - gil.pml:202 - [((drop&&(holder==i)))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][413] = 1;
		if (!((((int)now.drop)&&(((int)now.holder)==((int)((P0 *)_this)->i)))))
			continue;
		_m = 3; goto P999; /* 0 */
	case 87: // STATE 414 - gil.pml:32 - [((mtx==0))] (662:0:1 - 1)
		IfNotBlocked
		reached[0][414] = 1;
		if (!((((int)now.mtx)==0)))
			continue;
		/* merge: mtx = 1(0, 415, 662) */
		reached[0][415] = 1;
		(trpt+1)->bup.oval = ((int)now.mtx);
		now.mtx = 1;
#ifdef VAR_RANGES
		logval("mtx", ((int)now.mtx));
#endif
		;
		_m = 3; goto P999; /* 1 */
	case 88: // STATE 418 - gil.pml:205 - [((length==0))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][418] = 1;
		if (!((((int)now.length)==0)))
			continue;
		_m = 3; goto P999; /* 0 */
	case 89: // STATE 419 - gil.pml:205 - [drop = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][419] = 1;
		(trpt+1)->bup.oval = ((int)now.drop);
		now.drop = 0;
#ifdef VAR_RANGES
		logval("drop", ((int)now.drop));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 90: // STATE 420 - gil.pml:33 - [mtx = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][420] = 1;
		(trpt+1)->bup.oval = ((int)now.mtx);
		now.mtx = 0;
#ifdef VAR_RANGES
		logval("mtx", ((int)now.mtx));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 91: // STATE 470 - gil.pml:207 - [D_STEP207]
		IfNotBlocked

		reached[0][470] = 1;
		reached[0][t->st] = 1;
		reached[0][tt] = 1;

		if (TstOnly) return 1;


		reached[0][470] = 1;
		reached[0][t->st] = 1;
		reached[0][tt] = 1;

		sv_save();
		S_465_0: /* 2 */
S_423_0: /* 2 */
		((P0 *)_this)->next = ((int)now.queue[0]);
#ifdef VAR_RANGES
		logval("thread:next", ((int)((P0 *)_this)->next));
#endif
		;
S_443_0: /* 2 */
S_424_0: /* 2 */
		((P0 *)_this)->k = 0;
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
S_430_0: /* 2 */
S_429_0: /* 2 */
S_425_0: /* 2 */
		if (!(((((int)((P0 *)_this)->k)<((int)now.length))&&(((int)now.queue[ Index(((int)((P0 *)_this)->k), 3) ])!=((int)((P0 *)_this)->next)))))
			goto S_429_1;
S_426_0: /* 2 */
		((P0 *)_this)->k = (((int)((P0 *)_this)->k)+1);
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		goto S_430_0; /* ';' */
S_429_1: /* 3 */
S_427_0: /* 2 */
		/* else */;
S_428_0: /* 2 */
		goto S_437_0;	/* 'goto' */
S_429_2: /* 3 */
		Uerror("blocking sel in d_step (nr.15, near line 38)");
S_431_0: /* 2 */
		goto S_437_0;	/* 'break' */
S_438_0: /* 2 */
S_437_0: /* 2 */
S_432_0: /* 2 */
		if (!(((((int)((P0 *)_this)->k)+1)<((int)now.length))))
			goto S_437_1;
S_433_0: /* 2 */
		now.queue[ Index(((P0 *)_this)->k, 3) ] = ((int)now.queue[ Index((((int)((P0 *)_this)->k)+1), 3) ]);
#ifdef VAR_RANGES
		logval("queue[thread:k]", ((int)now.queue[ Index(((int)((P0 *)_this)->k), 3) ]));
#endif
		;
S_434_0: /* 2 */
		((P0 *)_this)->k = (((int)((P0 *)_this)->k)+1);
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		goto S_438_0; /* ';' */
S_437_1: /* 3 */
S_435_0: /* 2 */
		/* else */;
S_436_0: /* 2 */
		goto S_440_0;	/* 'goto' */
S_437_2: /* 3 */
		Uerror("blocking sel in d_step (nr.16, near line 42)");
S_439_0: /* 2 */
		goto S_440_0;	/* 'break' */
S_440_0: /* 2 */
		now.length = (((int)now.length)-1);
#ifdef VAR_RANGES
		logval("length", ((int)now.length));
#endif
		;
S_441_0: /* 2 */
		now.queue[ Index(now.length, 3) ] = 0;
#ifdef VAR_RANGES
		logval("queue[length]", ((int)now.queue[ Index(((int)now.length), 3) ]));
#endif
		;
S_442_0: /* 2 */
		((P0 *)_this)->k = 0;
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		goto S_447_0;
S_447_0: /* 2 */
S_444_0: /* 2 */
		if (!((((int)now.keeper)==((int)((P0 *)_this)->next))))
			goto S_447_1;
S_445_0: /* 2 */
		now.keeper = 255;
#ifdef VAR_RANGES
		logval("keeper", ((int)now.keeper));
#endif
		;
		goto S_448_0;
S_447_1: /* 3 */
S_446_0: /* 2 */
		/* else */;
		goto S_448_0;
S_447_2: /* 3 */
		Uerror("blocking sel in d_step (nr.17, near line 65)");
S_448_0: /* 2 */
S_449_0: /* 2 */
		now.granted[ Index(((P0 *)_this)->next, 3) ] = 1;
#ifdef VAR_RANGES
		logval("granted[thread:next]", ((int)now.granted[ Index(((int)((P0 *)_this)->next), 3) ]));
#endif
		;
S_450_0: /* 2 */
		now.holder = ((int)((P0 *)_this)->next);
#ifdef VAR_RANGES
		logval("holder", ((int)now.holder));
#endif
		;
S_451_0: /* 2 */
		now.drop = 0;
#ifdef VAR_RANGES
		logval("drop", ((int)now.drop));
#endif
		;
S_462_0: /* 2 */
S_452_0: /* 2 */
		((P0 *)_this)->k = 0;
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
S_459_0: /* 2 */
S_458_0: /* 2 */
S_453_0: /* 2 */
		if (!((((int)((P0 *)_this)->k)<3)))
			goto S_458_1;
S_454_0: /* 2 */
		now.taken[ Index(((P0 *)_this)->k, 3) ] = 1;
#ifdef VAR_RANGES
		logval("taken[thread:k]", ((int)now.taken[ Index(((int)((P0 *)_this)->k), 3) ]));
#endif
		;
S_455_0: /* 2 */
		((P0 *)_this)->k = (((int)((P0 *)_this)->k)+1);
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		goto S_459_0; /* ';' */
S_458_1: /* 3 */
S_456_0: /* 2 */
		/* else */;
S_457_0: /* 2 */
		goto S_461_0;	/* 'goto' */
S_458_2: /* 3 */
		Uerror("blocking sel in d_step (nr.18, near line 54)");
S_460_0: /* 2 */
		goto S_461_0;	/* 'break' */
S_461_0: /* 2 */
		((P0 *)_this)->k = 0;
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		goto S_463_0;
S_463_0: /* 2 */
		now.signal[ Index(((P0 *)_this)->next, 3) ] = 1;
#ifdef VAR_RANGES
		logval("signal[thread:next]", ((int)now.signal[ Index(((int)((P0 *)_this)->next), 3) ]));
#endif
		;
S_464_0: /* 2 */
		((P0 *)_this)->next = 255;
#ifdef VAR_RANGES
		logval("thread:next", ((int)((P0 *)_this)->next));
#endif
		;
		goto S_468_0;
S_468_0: /* 2 */
S_466_0: /* 2 */
		now.queue[ Index(now.length, 3) ] = ((int)((P0 *)_this)->i);
#ifdef VAR_RANGES
		logval("queue[length]", ((int)now.queue[ Index(((int)now.length), 3) ]));
#endif
		;
S_467_0: /* 2 */
		now.length = (((int)now.length)+1);
#ifdef VAR_RANGES
		logval("length", ((int)now.length));
#endif
		;
		goto S_632_0;
S_632_0: /* 1 */

#if defined(C_States) && (HAS_TRACK==1)
		c_update((uchar *) &(now.c_state[0]));
#endif
		_m = 3; goto P999;

	case 92: // STATE 474 - gil.pml:91 - [D_STEP91]
		IfNotBlocked

		reached[0][474] = 1;
		reached[0][t->st] = 1;
		reached[0][tt] = 1;

		if (TstOnly) return 1;

		sv_save();
		S_470_0: /* 2 */
		waiting[ Index(((P0 *)_this)->i, 3) ] = 1;
#ifdef VAR_RANGES
		logval("waiting[thread:i]", ((int)waiting[ Index(((int)((P0 *)_this)->i), 3) ]));
#endif
		;
S_471_0: /* 2 */
		((P0 *)_this)->looked = 0;
#ifdef VAR_RANGES
		logval("thread:looked", ((int)((P0 *)_this)->looked));
#endif
		;
S_472_0: /* 2 */
		now.taken[ Index(((P0 *)_this)->i, 3) ] = 1;
#ifdef VAR_RANGES
		logval("taken[thread:i]", ((int)now.taken[ Index(((int)((P0 *)_this)->i), 3) ]));
#endif
		;
		goto S_629_0;
S_629_0: /* 1 */

#if defined(C_States) && (HAS_TRACK==1)
		c_update((uchar *) &(now.c_state[0]));
#endif
		_m = 3; goto P999;

	case 93: // STATE 475 - gil.pml:93 - [(granted[i])] (0:0:0 - 1)
		IfNotBlocked
		reached[0][475] = 1;
		if (!(((int)now.granted[ Index(((int)((P0 *)_this)->i), 3) ])))
			continue;
		_m = 3; goto P999; /* 0 */
	case 94: // STATE 476 - gil.pml:93 - [granted[i] = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][476] = 1;
		(trpt+1)->bup.oval = ((int)now.granted[ Index(((int)((P0 *)_this)->i), 3) ]);
		now.granted[ Index(((P0 *)_this)->i, 3) ] = 0;
#ifdef VAR_RANGES
		logval("granted[thread:i]", ((int)now.granted[ Index(((int)((P0 *)_this)->i), 3) ]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 95: // STATE 484 - gil.pml:95 - [D_STEP95]
		if (!(((boq == -1 && (((int)now.keeper)==255))) || (boq == -1 /* else */)))
			continue;

		reached[0][484] = 1;
		reached[0][t->st] = 1;
		reached[0][tt] = 1;

		if (TstOnly) return 1;

		sv_save();
		S_481_0: /* 2 */
S_478_0: /* 2 */
		if (!((((int)now.keeper)==255)))
			goto S_481_1;
S_479_0: /* 2 */
		now.keeper = ((int)((P0 *)_this)->i);
#ifdef VAR_RANGES
		logval("keeper", ((int)now.keeper));
#endif
		;
		goto S_482_0;
S_481_1: /* 3 */
S_480_0: /* 2 */
		/* else */;
		goto S_482_0;
S_481_2: /* 3 */
		Uerror("blocking sel in d_step (nr.19, near line 96)");
S_482_0: /* 2 */
		goto S_587_0;
S_587_0: /* 1 */

#if defined(C_States) && (HAS_TRACK==1)
		c_update((uchar *) &(now.c_state[0]));
#endif
		_m = 3; goto P999;

	case 96: // STATE 485 - gil.pml:102 - [((!(held)&&((holder==255)||(!(taken[i])&&((keeper==i)||(queue[0]==i))))))] (529:0:1 - 1)
		IfNotBlocked
		reached[0][485] = 1;
		if (!(( !(((int)now.held))&&((((int)now.holder)==255)||( !(((int)now.taken[ Index(((int)((P0 *)_this)->i), 3) ]))&&((((int)now.keeper)==((int)((P0 *)_this)->i))||(((int)now.queue[0])==((int)((P0 *)_this)->i))))))))
			continue;
		/* merge: held = 1(0, 486, 529) */
		reached[0][486] = 1;
		(trpt+1)->bup.oval = ((int)now.held);
		now.held = 1;
#ifdef VAR_RANGES
		logval("held", ((int)now.held));
#endif
		;
		_m = 3; goto P999; /* 1 */
	case 97: // STATE 487 - gil.pml:63 - [next = queue[0]] (0:0:1 - 1)
		IfNotBlocked
		reached[0][487] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->next);
		((P0 *)_this)->next = ((int)now.queue[0]);
#ifdef VAR_RANGES
		logval("thread:next", ((int)((P0 *)_this)->next));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 98: // STATE 488 - gil.pml:37 - [k = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][488] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->k);
		((P0 *)_this)->k = 0;
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 99: // STATE 489 - gil.pml:39 - [(((k<length)&&(queue[k]!=next)))] (493:0:1 - 1)
		IfNotBlocked
		reached[0][489] = 1;
		if (!(((((int)((P0 *)_this)->k)<((int)now.length))&&(((int)now.queue[ Index(((int)((P0 *)_this)->k), 3) ])!=((int)((P0 *)_this)->next)))))
			continue;
		/* merge: k = (k+1)(0, 490, 493) */
		reached[0][490] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->k);
		((P0 *)_this)->k = (((int)((P0 *)_this)->k)+1);
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		/* merge: .(goto)(0, 494, 493) */
		reached[0][494] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 100: // STATE 496 - gil.pml:43 - [(((k+1)<length))] (501:0:2 - 1)
		IfNotBlocked
		reached[0][496] = 1;
		if (!(((((int)((P0 *)_this)->k)+1)<((int)now.length))))
			continue;
		/* merge: queue[k] = queue[(k+1)](501, 497, 501) */
		reached[0][497] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.queue[ Index(((int)((P0 *)_this)->k), 3) ]);
		now.queue[ Index(((P0 *)_this)->k, 3) ] = ((int)now.queue[ Index((((int)((P0 *)_this)->k)+1), 3) ]);
#ifdef VAR_RANGES
		logval("queue[thread:k]", ((int)now.queue[ Index(((int)((P0 *)_this)->k), 3) ]));
#endif
		;
		/* merge: k = (k+1)(501, 498, 501) */
		reached[0][498] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->k);
		((P0 *)_this)->k = (((int)((P0 *)_this)->k)+1);
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		/* merge: .(goto)(0, 502, 501) */
		reached[0][502] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 101: // STATE 504 - gil.pml:46 - [length = (length-1)] (0:511:3 - 3)
		IfNotBlocked
		reached[0][504] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = ((int)now.length);
		now.length = (((int)now.length)-1);
#ifdef VAR_RANGES
		logval("length", ((int)now.length));
#endif
		;
		/* merge: queue[length] = 0(511, 505, 511) */
		reached[0][505] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.queue[ Index(((int)now.length), 3) ]);
		now.queue[ Index(now.length, 3) ] = 0;
#ifdef VAR_RANGES
		logval("queue[length]", ((int)now.queue[ Index(((int)now.length), 3) ]));
#endif
		;
		/* merge: k = 0(511, 506, 511) */
		reached[0][506] = 1;
		(trpt+1)->bup.ovals[2] = ((int)((P0 *)_this)->k);
		((P0 *)_this)->k = 0;
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		_m = 3; goto P999; /* 2 */
	case 102: // STATE 508 - gil.pml:65 - [((keeper==next))] (526:0:4 - 1)
		IfNotBlocked
		reached[0][508] = 1;
		if (!((((int)now.keeper)==((int)((P0 *)_this)->next))))
			continue;
		/* merge: keeper = 255(526, 509, 526) */
		reached[0][509] = 1;
		(trpt+1)->bup.ovals = grab_ints(4);
		(trpt+1)->bup.ovals[0] = ((int)now.keeper);
		now.keeper = 255;
#ifdef VAR_RANGES
		logval("keeper", ((int)now.keeper));
#endif
		;
		/* merge: .(goto)(526, 512, 526) */
		reached[0][512] = 1;
		;
		/* merge: granted[next] = 1(526, 513, 526) */
		reached[0][513] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.granted[ Index(((int)((P0 *)_this)->next), 3) ]);
		now.granted[ Index(((P0 *)_this)->next, 3) ] = 1;
#ifdef VAR_RANGES
		logval("granted[thread:next]", ((int)now.granted[ Index(((int)((P0 *)_this)->next), 3) ]));
#endif
		;
		/* merge: holder = next(526, 514, 526) */
		reached[0][514] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.holder);
		now.holder = ((int)((P0 *)_this)->next);
#ifdef VAR_RANGES
		logval("holder", ((int)now.holder));
#endif
		;
		/* merge: drop = 0(526, 515, 526) */
		reached[0][515] = 1;
		(trpt+1)->bup.ovals[3] = ((int)now.drop);
		now.drop = 0;
#ifdef VAR_RANGES
		logval("drop", ((int)now.drop));
#endif
		;
		_m = 3; goto P999; /* 5 */
	case 103: // STATE 513 - gil.pml:66 - [granted[next] = 1] (0:526:3 - 3)
		IfNotBlocked
		reached[0][513] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = ((int)now.granted[ Index(((int)((P0 *)_this)->next), 3) ]);
		now.granted[ Index(((P0 *)_this)->next, 3) ] = 1;
#ifdef VAR_RANGES
		logval("granted[thread:next]", ((int)now.granted[ Index(((int)((P0 *)_this)->next), 3) ]));
#endif
		;
		/* merge: holder = next(526, 514, 526) */
		reached[0][514] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.holder);
		now.holder = ((int)((P0 *)_this)->next);
#ifdef VAR_RANGES
		logval("holder", ((int)now.holder));
#endif
		;
		/* merge: drop = 0(526, 515, 526) */
		reached[0][515] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.drop);
		now.drop = 0;
#ifdef VAR_RANGES
		logval("drop", ((int)now.drop));
#endif
		;
		_m = 3; goto P999; /* 2 */
	case 104: // STATE 516 - gil.pml:53 - [k = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][516] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->k);
		((P0 *)_this)->k = 0;
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 105: // STATE 517 - gil.pml:55 - [((k<3))] (522:0:2 - 1)
		IfNotBlocked
		reached[0][517] = 1;
		if (!((((int)((P0 *)_this)->k)<3)))
			continue;
		/* merge: taken[k] = 1(522, 518, 522) */
		reached[0][518] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.taken[ Index(((int)((P0 *)_this)->k), 3) ]);
		now.taken[ Index(((P0 *)_this)->k, 3) ] = 1;
#ifdef VAR_RANGES
		logval("taken[thread:k]", ((int)now.taken[ Index(((int)((P0 *)_this)->k), 3) ]));
#endif
		;
		/* merge: k = (k+1)(522, 519, 522) */
		reached[0][519] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->k);
		((P0 *)_this)->k = (((int)((P0 *)_this)->k)+1);
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		/* merge: .(goto)(0, 523, 522) */
		reached[0][523] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 106: // STATE 525 - gil.pml:58 - [k = 0] (0:593:4 - 3)
		IfNotBlocked
		reached[0][525] = 1;
		(trpt+1)->bup.ovals = grab_ints(4);
		(trpt+1)->bup.ovals[0] = ((int)((P0 *)_this)->k);
		((P0 *)_this)->k = 0;
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		/* merge: signal[next] = 1(593, 527, 593) */
		reached[0][527] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.signal[ Index(((int)((P0 *)_this)->next), 3) ]);
		now.signal[ Index(((P0 *)_this)->next, 3) ] = 1;
#ifdef VAR_RANGES
		logval("signal[thread:next]", ((int)now.signal[ Index(((int)((P0 *)_this)->next), 3) ]));
#endif
		;
		/* merge: next = 255(593, 528, 593) */
		reached[0][528] = 1;
		(trpt+1)->bup.ovals[2] = ((int)((P0 *)_this)->next);
		((P0 *)_this)->next = 255;
#ifdef VAR_RANGES
		logval("thread:next", ((int)((P0 *)_this)->next));
#endif
		;
		if (TstOnly) return 1; /* TT */
		/* dead 2: next */  
#ifdef HAS_CODE
		if (!readtrail)
#endif
			((P0 *)_this)->next = 0;
		/* merge: .(goto)(593, 587, 593) */
		reached[0][587] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 107: // STATE 587 - gil.pml:111 - [.(goto)] (0:593:0 - 3)
		IfNotBlocked
		reached[0][587] = 1;
		;
		_m = 3; goto P999; /* 0 */
	case 108: // STATE 530 - gil.pml:105 - [((!(held)&&!(((holder==255)||(!(taken[i])&&((keeper==i)||(queue[0]==i)))))))] (578:0:1 - 1)
		IfNotBlocked
		reached[0][530] = 1;
		if (!(( !(((int)now.held))&& !(((((int)now.holder)==255)||( !(((int)now.taken[ Index(((int)((P0 *)_this)->i), 3) ]))&&((((int)now.keeper)==((int)((P0 *)_this)->i))||(((int)now.queue[0])==((int)((P0 *)_this)->i)))))))))
			continue;
		/* merge: taken[i] = 0(0, 531, 578) */
		reached[0][531] = 1;
		(trpt+1)->bup.oval = ((int)now.taken[ Index(((int)((P0 *)_this)->i), 3) ]);
		now.taken[ Index(((P0 *)_this)->i, 3) ] = 0;
#ifdef VAR_RANGES
		logval("taken[thread:i]", ((int)now.taken[ Index(((int)((P0 *)_this)->i), 3) ]));
#endif
		;
		_m = 3; goto P999; /* 1 */
	case 109: // STATE 532 - gil.pml:107 - [((drop&&((keeper==i)||(queue[0]==i))))] (576:0:1 - 1)
		IfNotBlocked
		reached[0][532] = 1;
		if (!((((int)now.drop)&&((((int)now.keeper)==((int)((P0 *)_this)->i))||(((int)now.queue[0])==((int)((P0 *)_this)->i))))))
			continue;
		/* merge: held = 1(0, 533, 576) */
		reached[0][533] = 1;
		(trpt+1)->bup.oval = ((int)now.held);
		now.held = 1;
#ifdef VAR_RANGES
		logval("held", ((int)now.held));
#endif
		;
		_m = 3; goto P999; /* 1 */
	case 110: // STATE 534 - gil.pml:63 - [next = queue[0]] (0:0:1 - 1)
		IfNotBlocked
		reached[0][534] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->next);
		((P0 *)_this)->next = ((int)now.queue[0]);
#ifdef VAR_RANGES
		logval("thread:next", ((int)((P0 *)_this)->next));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 111: // STATE 535 - gil.pml:37 - [k = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][535] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->k);
		((P0 *)_this)->k = 0;
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 112: // STATE 536 - gil.pml:39 - [(((k<length)&&(queue[k]!=next)))] (540:0:1 - 1)
		IfNotBlocked
		reached[0][536] = 1;
		if (!(((((int)((P0 *)_this)->k)<((int)now.length))&&(((int)now.queue[ Index(((int)((P0 *)_this)->k), 3) ])!=((int)((P0 *)_this)->next)))))
			continue;
		/* merge: k = (k+1)(0, 537, 540) */
		reached[0][537] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->k);
		((P0 *)_this)->k = (((int)((P0 *)_this)->k)+1);
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		/* merge: .(goto)(0, 541, 540) */
		reached[0][541] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 113: // STATE 543 - gil.pml:43 - [(((k+1)<length))] (548:0:2 - 1)
		IfNotBlocked
		reached[0][543] = 1;
		if (!(((((int)((P0 *)_this)->k)+1)<((int)now.length))))
			continue;
		/* merge: queue[k] = queue[(k+1)](548, 544, 548) */
		reached[0][544] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.queue[ Index(((int)((P0 *)_this)->k), 3) ]);
		now.queue[ Index(((P0 *)_this)->k, 3) ] = ((int)now.queue[ Index((((int)((P0 *)_this)->k)+1), 3) ]);
#ifdef VAR_RANGES
		logval("queue[thread:k]", ((int)now.queue[ Index(((int)((P0 *)_this)->k), 3) ]));
#endif
		;
		/* merge: k = (k+1)(548, 545, 548) */
		reached[0][545] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->k);
		((P0 *)_this)->k = (((int)((P0 *)_this)->k)+1);
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		/* merge: .(goto)(0, 549, 548) */
		reached[0][549] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 114: // STATE 551 - gil.pml:46 - [length = (length-1)] (0:558:3 - 3)
		IfNotBlocked
		reached[0][551] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = ((int)now.length);
		now.length = (((int)now.length)-1);
#ifdef VAR_RANGES
		logval("length", ((int)now.length));
#endif
		;
		/* merge: queue[length] = 0(558, 552, 558) */
		reached[0][552] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.queue[ Index(((int)now.length), 3) ]);
		now.queue[ Index(now.length, 3) ] = 0;
#ifdef VAR_RANGES
		logval("queue[length]", ((int)now.queue[ Index(((int)now.length), 3) ]));
#endif
		;
		/* merge: k = 0(558, 553, 558) */
		reached[0][553] = 1;
		(trpt+1)->bup.ovals[2] = ((int)((P0 *)_this)->k);
		((P0 *)_this)->k = 0;
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		_m = 3; goto P999; /* 2 */
	case 115: // STATE 555 - gil.pml:65 - [((keeper==next))] (573:0:4 - 1)
		IfNotBlocked
		reached[0][555] = 1;
		if (!((((int)now.keeper)==((int)((P0 *)_this)->next))))
			continue;
		/* merge: keeper = 255(573, 556, 573) */
		reached[0][556] = 1;
		(trpt+1)->bup.ovals = grab_ints(4);
		(trpt+1)->bup.ovals[0] = ((int)now.keeper);
		now.keeper = 255;
#ifdef VAR_RANGES
		logval("keeper", ((int)now.keeper));
#endif
		;
		/* merge: .(goto)(573, 559, 573) */
		reached[0][559] = 1;
		;
		/* merge: granted[next] = 1(573, 560, 573) */
		reached[0][560] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.granted[ Index(((int)((P0 *)_this)->next), 3) ]);
		now.granted[ Index(((P0 *)_this)->next, 3) ] = 1;
#ifdef VAR_RANGES
		logval("granted[thread:next]", ((int)now.granted[ Index(((int)((P0 *)_this)->next), 3) ]));
#endif
		;
		/* merge: holder = next(573, 561, 573) */
		reached[0][561] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.holder);
		now.holder = ((int)((P0 *)_this)->next);
#ifdef VAR_RANGES
		logval("holder", ((int)now.holder));
#endif
		;
		/* merge: drop = 0(573, 562, 573) */
		reached[0][562] = 1;
		(trpt+1)->bup.ovals[3] = ((int)now.drop);
		now.drop = 0;
#ifdef VAR_RANGES
		logval("drop", ((int)now.drop));
#endif
		;
		_m = 3; goto P999; /* 5 */
	case 116: // STATE 560 - gil.pml:66 - [granted[next] = 1] (0:573:3 - 3)
		IfNotBlocked
		reached[0][560] = 1;
		(trpt+1)->bup.ovals = grab_ints(3);
		(trpt+1)->bup.ovals[0] = ((int)now.granted[ Index(((int)((P0 *)_this)->next), 3) ]);
		now.granted[ Index(((P0 *)_this)->next, 3) ] = 1;
#ifdef VAR_RANGES
		logval("granted[thread:next]", ((int)now.granted[ Index(((int)((P0 *)_this)->next), 3) ]));
#endif
		;
		/* merge: holder = next(573, 561, 573) */
		reached[0][561] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.holder);
		now.holder = ((int)((P0 *)_this)->next);
#ifdef VAR_RANGES
		logval("holder", ((int)now.holder));
#endif
		;
		/* merge: drop = 0(573, 562, 573) */
		reached[0][562] = 1;
		(trpt+1)->bup.ovals[2] = ((int)now.drop);
		now.drop = 0;
#ifdef VAR_RANGES
		logval("drop", ((int)now.drop));
#endif
		;
		_m = 3; goto P999; /* 2 */
	case 117: // STATE 563 - gil.pml:53 - [k = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][563] = 1;
		(trpt+1)->bup.oval = ((int)((P0 *)_this)->k);
		((P0 *)_this)->k = 0;
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 118: // STATE 564 - gil.pml:55 - [((k<3))] (569:0:2 - 1)
		IfNotBlocked
		reached[0][564] = 1;
		if (!((((int)((P0 *)_this)->k)<3)))
			continue;
		/* merge: taken[k] = 1(569, 565, 569) */
		reached[0][565] = 1;
		(trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((int)now.taken[ Index(((int)((P0 *)_this)->k), 3) ]);
		now.taken[ Index(((P0 *)_this)->k, 3) ] = 1;
#ifdef VAR_RANGES
		logval("taken[thread:k]", ((int)now.taken[ Index(((int)((P0 *)_this)->k), 3) ]));
#endif
		;
		/* merge: k = (k+1)(569, 566, 569) */
		reached[0][566] = 1;
		(trpt+1)->bup.ovals[1] = ((int)((P0 *)_this)->k);
		((P0 *)_this)->k = (((int)((P0 *)_this)->k)+1);
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		/* merge: .(goto)(0, 570, 569) */
		reached[0][570] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 119: // STATE 572 - gil.pml:58 - [k = 0] (0:593:4 - 3)
		IfNotBlocked
		reached[0][572] = 1;
		(trpt+1)->bup.ovals = grab_ints(4);
		(trpt+1)->bup.ovals[0] = ((int)((P0 *)_this)->k);
		((P0 *)_this)->k = 0;
#ifdef VAR_RANGES
		logval("thread:k", ((int)((P0 *)_this)->k));
#endif
		;
		/* merge: signal[next] = 1(593, 574, 593) */
		reached[0][574] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.signal[ Index(((int)((P0 *)_this)->next), 3) ]);
		now.signal[ Index(((P0 *)_this)->next, 3) ] = 1;
#ifdef VAR_RANGES
		logval("signal[thread:next]", ((int)now.signal[ Index(((int)((P0 *)_this)->next), 3) ]));
#endif
		;
		/* merge: next = 255(593, 575, 593) */
		reached[0][575] = 1;
		(trpt+1)->bup.ovals[2] = ((int)((P0 *)_this)->next);
		((P0 *)_this)->next = 255;
#ifdef VAR_RANGES
		logval("thread:next", ((int)((P0 *)_this)->next));
#endif
		;
		if (TstOnly) return 1; /* TT */
		/* dead 2: next */  
#ifdef HAS_CODE
		if (!readtrail)
#endif
			((P0 *)_this)->next = 0;
		/* merge: .(goto)(593, 579, 593) */
		reached[0][579] = 1;
		;
		/* merge: .(goto)(593, 587, 593) */
		reached[0][587] = 1;
		;
		_m = 3; goto P999; /* 4 */
	case 120: // STATE 579 - gil.pml:108 - [.(goto)] (0:593:0 - 2)
		IfNotBlocked
		reached[0][579] = 1;
		;
		/* merge: .(goto)(593, 587, 593) */
		reached[0][587] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 121: // STATE 581 - gil.pml:109 - [(((keeper==i)&&looked))] (593:0:2 - 1)
		IfNotBlocked
		reached[0][581] = 1;
		if (!(((((int)now.keeper)==((int)((P0 *)_this)->i))&&((int)((P0 *)_this)->looked))))
			continue;
		if (TstOnly) return 1; /* TT */
		/* dead 1: looked */  (trpt+1)->bup.ovals = grab_ints(2);
		(trpt+1)->bup.ovals[0] = ((P0 *)_this)->looked;
#ifdef HAS_CODE
		if (!readtrail)
#endif
			((P0 *)_this)->looked = 0;
		/* merge: drop = 1(593, 582, 593) */
		reached[0][582] = 1;
		(trpt+1)->bup.ovals[1] = ((int)now.drop);
		now.drop = 1;
#ifdef VAR_RANGES
		logval("drop", ((int)now.drop));
#endif
		;
		/* merge: .(goto)(593, 585, 593) */
		reached[0][585] = 1;
		;
		/* merge: .(goto)(593, 587, 593) */
		reached[0][587] = 1;
		;
		_m = 3; goto P999; /* 3 */
	case 122: // STATE 585 - gil.pml:110 - [.(goto)] (0:593:0 - 2)
		IfNotBlocked
		reached[0][585] = 1;
		;
		/* merge: .(goto)(593, 587, 593) */
		reached[0][587] = 1;
		;
		_m = 3; goto P999; /* 1 */
	case 123: // STATE 589 - gil.pml:113 - [(granted[i])] (0:0:0 - 1)
		IfNotBlocked
		reached[0][589] = 1;
		if (!(((int)now.granted[ Index(((int)((P0 *)_this)->i), 3) ])))
			continue;
		_m = 3; goto P999; /* 0 */
	case 124: // STATE 590 - gil.pml:113 - [granted[i] = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][590] = 1;
		(trpt+1)->bup.oval = ((int)now.granted[ Index(((int)((P0 *)_this)->i), 3) ]);
		now.granted[ Index(((P0 *)_this)->i, 3) ] = 0;
#ifdef VAR_RANGES
		logval("granted[thread:i]", ((int)now.granted[ Index(((int)((P0 *)_this)->i), 3) ]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 125: // STATE 615 - gil.pml:116 - [D_STEP116]
		IfNotBlocked

		reached[0][615] = 1;
		reached[0][t->st] = 1;
		reached[0][tt] = 1;

		if (TstOnly) return 1;

		sv_save();
		S_594_0: /* 2 */
		((P0 *)_this)->raised = 0;
#ifdef VAR_RANGES
		logval("thread:raised", ((int)((P0 *)_this)->raised));
#endif
		;
S_611_0: /* 2 */
S_599_0: /* 2 */
S_595_0: /* 2 */
		if (!(((((int)now.keeper)==255)&&(((int)now.length)>0))))
			goto S_599_1;
S_596_0: /* 2 */
		now.keeper = ((int)now.queue[ Index((((int)now.length)-1), 3) ]);
#ifdef VAR_RANGES
		logval("keeper", ((int)now.keeper));
#endif
		;
S_597_0: /* 2 */
		now.signal[ Index(now.keeper, 3) ] = 1;
#ifdef VAR_RANGES
		logval("signal[keeper]", ((int)now.signal[ Index(((int)now.keeper), 3) ]));
#endif
		;
		goto S_600_0;
S_599_1: /* 3 */
S_598_0: /* 2 */
		/* else */;
		goto S_600_0;
S_599_2: /* 3 */
		Uerror("blocking sel in d_step (nr.20, near line 77)");
S_600_0: /* 2 */
S_609_0: /* 2 */
S_601_0: /* 2 */
		if (!(((((int)now.length)>0)&&(((int)now.attention)==0))))
			goto S_609_1;
S_602_0: /* 2 */
		now.attention = 1;
#ifdef VAR_RANGES
		logval("attention", ((int)now.attention));
#endif
		;
S_603_0: /* 2 */
		now.stale = 1;
#ifdef VAR_RANGES
		logval("stale", ((int)now.stale));
#endif
		;
S_604_0: /* 2 */
		((P0 *)_this)->raised = 1;
#ifdef VAR_RANGES
		logval("thread:raised", ((int)((P0 *)_this)->raised));
#endif
		;
		goto S_610_0;
S_609_1: /* 3 */
S_605_0: /* 2 */
		if (!((((int)now.length)==0)))
			goto S_609_2;
S_606_0: /* 2 */
		now.attention = 0;
#ifdef VAR_RANGES
		logval("attention", ((int)now.attention));
#endif
		;
S_607_0: /* 2 */
		now.stale = 0;
#ifdef VAR_RANGES
		logval("stale", ((int)now.stale));
#endif
		;
		goto S_610_0;
S_609_2: /* 3 */
S_608_0: /* 2 */
		/* else */;
		goto S_610_0;
S_609_3: /* 3 */
		Uerror("blocking sel in d_step (nr.21, near line 82)");
S_610_0: /* 2 */
		goto S_612_0;
S_612_0: /* 2 */
		now.signal[ Index(((P0 *)_this)->i, 3) ] = 0;
#ifdef VAR_RANGES
		logval("signal[thread:i]", ((int)now.signal[ Index(((int)((P0 *)_this)->i), 3) ]));
#endif
		;
S_613_0: /* 2 */
		((P0 *)_this)->looked = 1;
#ifdef VAR_RANGES
		logval("thread:looked", ((int)((P0 *)_this)->looked));
#endif
		;
		goto S_616_0;
S_616_0: /* 1 */

#if defined(C_States) && (HAS_TRACK==1)
		c_update((uchar *) &(now.c_state[0]));
#endif
		_m = 3; goto P999;

	case 126: // STATE 616 - gil.pml:33 - [mtx = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][616] = 1;
		(trpt+1)->bup.oval = ((int)now.mtx);
		now.mtx = 0;
#ifdef VAR_RANGES
		logval("mtx", ((int)now.mtx));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 127: // STATE 618 - gil.pml:124 - [(signal[i])] (0:0:0 - 1)
		IfNotBlocked
		reached[0][618] = 1;
		if (!(((int)now.signal[ Index(((int)((P0 *)_this)->i), 3) ])))
			continue;
		_m = 3; goto P999; /* 0 */
	case 128: // STATE 619 - gil.pml:125 - [((keeper==i))] (0:0:0 - 1)
		IfNotBlocked
		reached[0][619] = 1;
		if (!((((int)now.keeper)==((int)((P0 *)_this)->i))))
			continue;
		_m = 3; goto P999; /* 0 */
	case 129: // STATE 620 - gil.pml:125 - [stale = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][620] = 1;
		(trpt+1)->bup.oval = ((int)now.stale);
		now.stale = 0;
#ifdef VAR_RANGES
		logval("stale", ((int)now.stale));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 130: // STATE 621 - gil.pml:127 - [(raised)] (0:0:1 - 1)
		IfNotBlocked
		reached[0][621] = 1;
		if (!(((int)((P0 *)_this)->raised)))
			continue;
		if (TstOnly) return 1; /* TT */
		/* dead 1: raised */  (trpt+1)->bup.oval = ((P0 *)_this)->raised;
#ifdef HAS_CODE
		if (!readtrail)
#endif
			((P0 *)_this)->raised = 0;
		_m = 3; goto P999; /* 0 */
	case 131: // STATE 622 - gil.pml:127 - [stale = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][622] = 1;
		(trpt+1)->bup.oval = ((int)now.stale);
		now.stale = 0;
#ifdef VAR_RANGES
		logval("stale", ((int)now.stale));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 132: // STATE 625 - gil.pml:32 - [((mtx==0))] (629:0:1 - 1)
		IfNotBlocked
		reached[0][625] = 1;
		if (!((((int)now.mtx)==0)))
			continue;
		/* merge: mtx = 1(0, 626, 629) */
		reached[0][626] = 1;
		(trpt+1)->bup.oval = ((int)now.mtx);
		now.mtx = 1;
#ifdef VAR_RANGES
		logval("mtx", ((int)now.mtx));
#endif
		;
		/* merge: .(goto)(0, 630, 629) */
		reached[0][630] = 1;
		;
		_m = 3; goto P999; /* 2 */
	case 133: // STATE 632 - gil.pml:132 - [waiting[i] = 0] (0:0:1 - 5)
		IfNotBlocked
		reached[0][632] = 1;
		(trpt+1)->bup.oval = ((int)waiting[ Index(((int)((P0 *)_this)->i), 3) ]);
		waiting[ Index(((P0 *)_this)->i, 3) ] = 0;
#ifdef VAR_RANGES
		logval("waiting[thread:i]", ((int)waiting[ Index(((int)((P0 *)_this)->i), 3) ]));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 134: // STATE 657 - gil.pml:136 - [D_STEP136]
		if (!(((boq == -1 && (((int)now.keeper)==((int)((P0 *)_this)->i)))) || (boq == -1 /* else */)))
			continue;

		reached[0][657] = 1;
		reached[0][t->st] = 1;
		reached[0][tt] = 1;

		if (TstOnly) return 1;

		sv_save();
		S_636_0: /* 2 */
S_633_0: /* 2 */
		if (!((((int)now.keeper)==((int)((P0 *)_this)->i))))
			goto S_636_1;
S_634_0: /* 2 */
		now.keeper = 255;
#ifdef VAR_RANGES
		logval("keeper", ((int)now.keeper));
#endif
		;
		goto S_637_0;
S_636_1: /* 3 */
S_635_0: /* 2 */
		/* else */;
		goto S_637_0;
S_636_2: /* 3 */
		Uerror("blocking sel in d_step (nr.22, near line 137)");
S_637_0: /* 2 */
S_638_0: /* 2 */
		((P0 *)_this)->raised = 0;
#ifdef VAR_RANGES
		logval("thread:raised", ((int)((P0 *)_this)->raised));
#endif
		;
S_655_0: /* 2 */
S_643_0: /* 2 */
S_639_0: /* 2 */
		if (!(((((int)now.keeper)==255)&&(((int)now.length)>0))))
			goto S_643_1;
S_640_0: /* 2 */
		now.keeper = ((int)now.queue[ Index((((int)now.length)-1), 3) ]);
#ifdef VAR_RANGES
		logval("keeper", ((int)now.keeper));
#endif
		;
S_641_0: /* 2 */
		now.signal[ Index(now.keeper, 3) ] = 1;
#ifdef VAR_RANGES
		logval("signal[keeper]", ((int)now.signal[ Index(((int)now.keeper), 3) ]));
#endif
		;
		goto S_644_0;
S_643_1: /* 3 */
S_642_0: /* 2 */
		/* else */;
		goto S_644_0;
S_643_2: /* 3 */
		Uerror("blocking sel in d_step (nr.23, near line 77)");
S_644_0: /* 2 */
S_653_0: /* 2 */
S_645_0: /* 2 */
		if (!(((((int)now.length)>0)&&(((int)now.attention)==0))))
			goto S_653_1;
S_646_0: /* 2 */
		now.attention = 1;
#ifdef VAR_RANGES
		logval("attention", ((int)now.attention));
#endif
		;
S_647_0: /* 2 */
		now.stale = 1;
#ifdef VAR_RANGES
		logval("stale", ((int)now.stale));
#endif
		;
S_648_0: /* 2 */
		((P0 *)_this)->raised = 1;
#ifdef VAR_RANGES
		logval("thread:raised", ((int)((P0 *)_this)->raised));
#endif
		;
		goto S_654_0;
S_653_1: /* 3 */
S_649_0: /* 2 */
		if (!((((int)now.length)==0)))
			goto S_653_2;
S_650_0: /* 2 */
		now.attention = 0;
#ifdef VAR_RANGES
		logval("attention", ((int)now.attention));
#endif
		;
S_651_0: /* 2 */
		now.stale = 0;
#ifdef VAR_RANGES
		logval("stale", ((int)now.stale));
#endif
		;
		goto S_654_0;
S_653_2: /* 3 */
S_652_0: /* 2 */
		/* else */;
		goto S_654_0;
S_653_3: /* 3 */
		Uerror("blocking sel in d_step (nr.24, near line 82)");
S_654_0: /* 2 */
		goto S_658_0;
S_658_0: /* 1 */

#if defined(C_States) && (HAS_TRACK==1)
		c_update((uchar *) &(now.c_state[0]));
#endif
		_m = 3; goto P999;

	case 135: // STATE 658 - gil.pml:33 - [mtx = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][658] = 1;
		(trpt+1)->bup.oval = ((int)now.mtx);
		now.mtx = 0;
#ifdef VAR_RANGES
		logval("mtx", ((int)now.mtx));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 136: // STATE 669 - gil.pml:32 - [((mtx==0))] (688:0:1 - 1)
		IfNotBlocked
		reached[0][669] = 1;
		if (!((((int)now.mtx)==0)))
			continue;
		/* merge: mtx = 1(0, 670, 688) */
		reached[0][670] = 1;
		(trpt+1)->bup.oval = ((int)now.mtx);
		now.mtx = 1;
#ifdef VAR_RANGES
		logval("mtx", ((int)now.mtx));
#endif
		;
		_m = 3; goto P999; /* 1 */
	case 137: // STATE 688 - gil.pml:219 - [D_STEP219]
		if (!(((boq == -1 && (((int)now.holder)==((int)((P0 *)_this)->i)))) || (boq == -1 /* else */)))
			continue;

		reached[0][688] = 1;
		reached[0][t->st] = 1;
		reached[0][tt] = 1;

		if (TstOnly) return 1;

		sv_save();
		S_680_0: /* 2 */
S_672_0: /* 2 */
		if (!((((int)now.holder)==((int)((P0 *)_this)->i))))
			goto S_680_1;
S_673_0: /* 2 */
		now.holder = 255;
#ifdef VAR_RANGES
		logval("holder", ((int)now.holder));
#endif
		;
S_677_0: /* 2 */
S_674_0: /* 2 */
		if (!((((int)now.length)>0)))
			goto S_677_1;
S_675_0: /* 2 */
		now.signal[ Index(now.queue[0], 3) ] = 1;
#ifdef VAR_RANGES
		logval("signal[queue[0]]", ((int)now.signal[ Index(((int)now.queue[0]), 3) ]));
#endif
		;
		goto S_678_0;
S_677_1: /* 3 */
S_676_0: /* 2 */
		/* else */;
		goto S_678_0;
S_677_2: /* 3 */
		Uerror("blocking sel in d_step (nr.25, near line 224)");
S_678_0: /* 2 */
		goto S_681_0;
S_680_1: /* 3 */
S_679_0: /* 2 */
		/* else */;
		goto S_681_0;
S_680_2: /* 3 */
		Uerror("blocking sel in d_step (nr.26, near line 220)");
S_681_0: /* 2 */
S_685_0: /* 2 */
S_682_0: /* 2 */
		if (!((((int)now.last)==((int)((P0 *)_this)->i))))
			goto S_685_1;
S_683_0: /* 2 */
		now.last = 255;
#ifdef VAR_RANGES
		logval("last", ((int)now.last));
#endif
		;
		goto S_686_0;
S_685_1: /* 3 */
S_684_0: /* 2 */
		/* else */;
		goto S_686_0;
S_685_2: /* 3 */
		Uerror("blocking sel in d_step (nr.27, near line 228)");
S_686_0: /* 2 */
		goto S_689_0;
S_689_0: /* 1 */

#if defined(C_States) && (HAS_TRACK==1)
		c_update((uchar *) &(now.c_state[0]));
#endif
		_m = 3; goto P999;

	case 138: // STATE 689 - gil.pml:33 - [mtx = 0] (0:0:1 - 1)
		IfNotBlocked
		reached[0][689] = 1;
		(trpt+1)->bup.oval = ((int)now.mtx);
		now.mtx = 0;
#ifdef VAR_RANGES
		logval("mtx", ((int)now.mtx));
#endif
		;
		_m = 3; goto P999; /* 0 */
	case 139: // STATE 691 - gil.pml:231 - [-end-] (0:0:0 - 1)
		IfNotBlocked
		reached[0][691] = 1;
		if (!delproc(1, II)) continue;
		_m = 3; goto P999; /* 0 */
	case  _T5:	/* np_ */
		if (!((!(trpt->o_pm&4) && !(trpt->tau&128))))
			continue;
		/* else fall through */
	case  _T2:	/* true */
		_m = 3; goto P999;
#undef rand
	}

