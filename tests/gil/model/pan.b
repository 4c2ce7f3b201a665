	switch (t->back) {
	default: Uerror("bad return move");
	case  0: goto R999; /* nothing to undo */

		 /* PROC :init: */
;
		;
		
	case 4: // STATE 2
		;
		;
		delproc(0, now._nr_pr-1);
		;
		goto R999;

	case 5: // STATE 3
		;
		((P1 *)_this)->n = trpt->bup.oval;
		;
		goto R999;

	case 6: // STATE 10
		;
		p_restor(II);
		;
		;
		goto R999;

		 /* PROC thread */

	case 7: // STATE 2
		;
		now.held = trpt->bup.oval;
		;
		goto R999;

	case 8: // STATE 3
		;
		((P0 *)_this)->k = trpt->bup.oval;
		;
		goto R999;

	case 9: // STATE 6
		;
		((P0 *)_this)->k = trpt->bup.ovals[1];
		now.taken[ Index(((P0 *)_this)->k, 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 10: // STATE 12
		;
		((P0 *)_this)->k = trpt->bup.oval;
		;
		goto R999;

	case 11: // STATE 17
		;
		now.mtx = trpt->bup.oval;
		;
		goto R999;

	case 12: // STATE 23
		;
		now.drop = trpt->bup.ovals[2];
		now.holder = trpt->bup.ovals[1];
		now.held = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 13: // STATE 24
		;
		((P0 *)_this)->k = trpt->bup.oval;
		;
		goto R999;

	case 14: // STATE 27
		;
		((P0 *)_this)->k = trpt->bup.ovals[1];
		now.taken[ Index(((P0 *)_this)->k, 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 15: // STATE 33
		;
		((P0 *)_this)->k = trpt->bup.oval;
		;
		goto R999;
	case 16: // STATE 40
		sv_restor();
		goto R999;
	case 17: // STATE 44
		sv_restor();
		goto R999;
;
		;
		
	case 19: // STATE 46
		;
		now.granted[ Index(((P0 *)_this)->i, 3) ] = trpt->bup.oval;
		;
		goto R999;
	case 20: // STATE 54
		sv_restor();
		goto R999;

	case 21: // STATE 56
		;
		now.held = trpt->bup.oval;
		;
		goto R999;

	case 22: // STATE 57
		;
		((P0 *)_this)->next = trpt->bup.oval;
		;
		goto R999;

	case 23: // STATE 58
		;
		((P0 *)_this)->k = trpt->bup.oval;
		;
		goto R999;

	case 24: // STATE 60
		;
		((P0 *)_this)->k = trpt->bup.oval;
		;
		goto R999;

	case 25: // STATE 68
		;
		((P0 *)_this)->k = trpt->bup.ovals[1];
		now.queue[ Index(((P0 *)_this)->k, 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 26: // STATE 76
		;
		((P0 *)_this)->k = trpt->bup.ovals[2];
		now.queue[ Index(now.length, 3) ] = trpt->bup.ovals[1];
		now.length = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 27: // STATE 85
		;
		now.drop = trpt->bup.ovals[3];
		now.holder = trpt->bup.ovals[2];
		now.granted[ Index(((P0 *)_this)->next, 3) ] = trpt->bup.ovals[1];
		now.keeper = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 4);
		goto R999;

	case 28: // STATE 85
		;
		now.drop = trpt->bup.ovals[2];
		now.holder = trpt->bup.ovals[1];
		now.granted[ Index(((P0 *)_this)->next, 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 29: // STATE 86
		;
		((P0 *)_this)->k = trpt->bup.oval;
		;
		goto R999;

	case 30: // STATE 89
		;
		((P0 *)_this)->k = trpt->bup.ovals[1];
		now.taken[ Index(((P0 *)_this)->k, 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 31: // STATE 98
		;
		((P0 *)_this)->next = trpt->bup.ovals[2];
		now.signal[ Index(((P0 *)_this)->next, 3) ] = trpt->bup.ovals[1];
		((P0 *)_this)->k = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 4);
		goto R999;
;
		
	case 32: // STATE 157
		goto R999;

	case 33: // STATE 101
		;
		now.taken[ Index(((P0 *)_this)->i, 3) ] = trpt->bup.oval;
		;
		goto R999;

	case 34: // STATE 103
		;
		now.held = trpt->bup.oval;
		;
		goto R999;

	case 35: // STATE 104
		;
		((P0 *)_this)->next = trpt->bup.oval;
		;
		goto R999;

	case 36: // STATE 105
		;
		((P0 *)_this)->k = trpt->bup.oval;
		;
		goto R999;

	case 37: // STATE 107
		;
		((P0 *)_this)->k = trpt->bup.oval;
		;
		goto R999;

	case 38: // STATE 115
		;
		((P0 *)_this)->k = trpt->bup.ovals[1];
		now.queue[ Index(((P0 *)_this)->k, 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 39: // STATE 123
		;
		((P0 *)_this)->k = trpt->bup.ovals[2];
		now.queue[ Index(now.length, 3) ] = trpt->bup.ovals[1];
		now.length = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 40: // STATE 132
		;
		now.drop = trpt->bup.ovals[3];
		now.holder = trpt->bup.ovals[2];
		now.granted[ Index(((P0 *)_this)->next, 3) ] = trpt->bup.ovals[1];
		now.keeper = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 4);
		goto R999;

	case 41: // STATE 132
		;
		now.drop = trpt->bup.ovals[2];
		now.holder = trpt->bup.ovals[1];
		now.granted[ Index(((P0 *)_this)->next, 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 42: // STATE 133
		;
		((P0 *)_this)->k = trpt->bup.oval;
		;
		goto R999;

	case 43: // STATE 136
		;
		((P0 *)_this)->k = trpt->bup.ovals[1];
		now.taken[ Index(((P0 *)_this)->k, 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 44: // STATE 145
		;
		((P0 *)_this)->next = trpt->bup.ovals[2];
		now.signal[ Index(((P0 *)_this)->next, 3) ] = trpt->bup.ovals[1];
		((P0 *)_this)->k = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 4);
		goto R999;
;
		
	case 45: // STATE 149
		goto R999;

	case 46: // STATE 152
		;
		now.drop = trpt->bup.ovals[1];
	/* 0 */	((P0 *)_this)->looked = trpt->bup.ovals[0];
		;
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;
;
		
	case 47: // STATE 155
		goto R999;
;
		;
		
	case 49: // STATE 160
		;
		now.granted[ Index(((P0 *)_this)->i, 3) ] = trpt->bup.oval;
		;
		goto R999;
	case 50: // STATE 185
		sv_restor();
		goto R999;

	case 51: // STATE 186
		;
		now.mtx = trpt->bup.oval;
		;
		goto R999;
;
		;
		;
		;
		
	case 54: // STATE 190
		;
		now.stale = trpt->bup.oval;
		;
		goto R999;

	case 55: // STATE 191
		;
	/* 0 */	((P0 *)_this)->raised = trpt->bup.oval;
		;
		;
		goto R999;

	case 56: // STATE 192
		;
		now.stale = trpt->bup.oval;
		;
		goto R999;

	case 57: // STATE 196
		;
		now.mtx = trpt->bup.oval;
		;
		goto R999;

	case 58: // STATE 202
		;
		waiting[ Index(((P0 *)_this)->i, 3) ] = trpt->bup.oval;
		;
		goto R999;
	case 59: // STATE 229
		sv_restor();
		goto R999;

	case 60: // STATE 230
		;
		now.mtx = trpt->bup.oval;
		;
		goto R999;

	case 61: // STATE 236
		;
		having[ Index(((P0 *)_this)->i, 3) ] = trpt->bup.ovals[1];
		now.inside = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 62: // STATE 240
		;
		having[ Index(((P0 *)_this)->i, 3) ] = trpt->bup.ovals[1];
		now.inside = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 63: // STATE 243
		;
		now.held = trpt->bup.ovals[1];
		now.last = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 64: // STATE 245
		;
		((P0 *)_this)->heed = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 66: // STATE 247
		;
		((P0 *)_this)->heed = trpt->bup.oval;
		;
		goto R999;

	case 67: // STATE 251
		;
		((P0 *)_this)->heed = trpt->bup.ovals[1];
	/* 0 */	((P0 *)_this)->heed = trpt->bup.ovals[0];
		;
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 68: // STATE 253
		;
		now.mtx = trpt->bup.oval;
		;
		goto R999;

	case 69: // STATE 257
		;
		now.held = trpt->bup.oval;
		;
		goto R999;

	case 70: // STATE 258
		;
		((P0 *)_this)->next = trpt->bup.oval;
		;
		goto R999;

	case 71: // STATE 259
		;
		((P0 *)_this)->k = trpt->bup.oval;
		;
		goto R999;

	case 72: // STATE 261
		;
		((P0 *)_this)->k = trpt->bup.oval;
		;
		goto R999;

	case 73: // STATE 269
		;
		((P0 *)_this)->k = trpt->bup.ovals[1];
		now.queue[ Index(((P0 *)_this)->k, 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 74: // STATE 277
		;
		((P0 *)_this)->k = trpt->bup.ovals[2];
		now.queue[ Index(now.length, 3) ] = trpt->bup.ovals[1];
		now.length = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 75: // STATE 286
		;
		now.drop = trpt->bup.ovals[3];
		now.holder = trpt->bup.ovals[2];
		now.granted[ Index(((P0 *)_this)->next, 3) ] = trpt->bup.ovals[1];
		now.keeper = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 4);
		goto R999;

	case 76: // STATE 286
		;
		now.drop = trpt->bup.ovals[2];
		now.holder = trpt->bup.ovals[1];
		now.granted[ Index(((P0 *)_this)->next, 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 77: // STATE 287
		;
		((P0 *)_this)->k = trpt->bup.oval;
		;
		goto R999;

	case 78: // STATE 290
		;
		((P0 *)_this)->k = trpt->bup.ovals[1];
		now.taken[ Index(((P0 *)_this)->k, 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 79: // STATE 299
		;
		((P0 *)_this)->next = trpt->bup.ovals[2];
		now.signal[ Index(((P0 *)_this)->next, 3) ] = trpt->bup.ovals[1];
		((P0 *)_this)->k = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 4);
		goto R999;
;
		
	case 80: // STATE 303
		goto R999;
	case 81: // STATE 323
		sv_restor();
		goto R999;

	case 82: // STATE 324
		;
		now.mtx = trpt->bup.oval;
		;
		goto R999;

	case 83: // STATE 335
		;
		now.mtx = trpt->bup.oval;
		;
		goto R999;
	case 84: // STATE 405
		sv_restor();
		goto R999;

	case 85: // STATE 406
		;
		now.mtx = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 87: // STATE 415
		;
		now.mtx = trpt->bup.oval;
		;
		goto R999;
;
		;
		
	case 89: // STATE 419
		;
		now.drop = trpt->bup.oval;
		;
		goto R999;

	case 90: // STATE 420
		;
		now.mtx = trpt->bup.oval;
		;
		goto R999;
	case 91: // STATE 470
		sv_restor();
		goto R999;
	case 92: // STATE 474
		sv_restor();
		goto R999;
;
		;
		
	case 94: // STATE 476
		;
		now.granted[ Index(((P0 *)_this)->i, 3) ] = trpt->bup.oval;
		;
		goto R999;
	case 95: // STATE 484
		sv_restor();
		goto R999;

	case 96: // STATE 486
		;
		now.held = trpt->bup.oval;
		;
		goto R999;

	case 97: // STATE 487
		;
		((P0 *)_this)->next = trpt->bup.oval;
		;
		goto R999;

	case 98: // STATE 488
		;
		((P0 *)_this)->k = trpt->bup.oval;
		;
		goto R999;

	case 99: // STATE 490
		;
		((P0 *)_this)->k = trpt->bup.oval;
		;
		goto R999;

	case 100: // STATE 498
		;
		((P0 *)_this)->k = trpt->bup.ovals[1];
		now.queue[ Index(((P0 *)_this)->k, 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 101: // STATE 506
		;
		((P0 *)_this)->k = trpt->bup.ovals[2];
		now.queue[ Index(now.length, 3) ] = trpt->bup.ovals[1];
		now.length = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 102: // STATE 515
		;
		now.drop = trpt->bup.ovals[3];
		now.holder = trpt->bup.ovals[2];
		now.granted[ Index(((P0 *)_this)->next, 3) ] = trpt->bup.ovals[1];
		now.keeper = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 4);
		goto R999;

	case 103: // STATE 515
		;
		now.drop = trpt->bup.ovals[2];
		now.holder = trpt->bup.ovals[1];
		now.granted[ Index(((P0 *)_this)->next, 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 104: // STATE 516
		;
		((P0 *)_this)->k = trpt->bup.oval;
		;
		goto R999;

	case 105: // STATE 519
		;
		((P0 *)_this)->k = trpt->bup.ovals[1];
		now.taken[ Index(((P0 *)_this)->k, 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 106: // STATE 528
		;
		((P0 *)_this)->next = trpt->bup.ovals[2];
		now.signal[ Index(((P0 *)_this)->next, 3) ] = trpt->bup.ovals[1];
		((P0 *)_this)->k = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 4);
		goto R999;
;
		
	case 107: // STATE 587
		goto R999;

	case 108: // STATE 531
		;
		now.taken[ Index(((P0 *)_this)->i, 3) ] = trpt->bup.oval;
		;
		goto R999;

	case 109: // STATE 533
		;
		now.held = trpt->bup.oval;
		;
		goto R999;

	case 110: // STATE 534
		;
		((P0 *)_this)->next = trpt->bup.oval;
		;
		goto R999;

	case 111: // STATE 535
		;
		((P0 *)_this)->k = trpt->bup.oval;
		;
		goto R999;

	case 112: // STATE 537
		;
		((P0 *)_this)->k = trpt->bup.oval;
		;
		goto R999;

	case 113: // STATE 545
		;
		((P0 *)_this)->k = trpt->bup.ovals[1];
		now.queue[ Index(((P0 *)_this)->k, 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 114: // STATE 553
		;
		((P0 *)_this)->k = trpt->bup.ovals[2];
		now.queue[ Index(now.length, 3) ] = trpt->bup.ovals[1];
		now.length = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 115: // STATE 562
		;
		now.drop = trpt->bup.ovals[3];
		now.holder = trpt->bup.ovals[2];
		now.granted[ Index(((P0 *)_this)->next, 3) ] = trpt->bup.ovals[1];
		now.keeper = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 4);
		goto R999;

	case 116: // STATE 562
		;
		now.drop = trpt->bup.ovals[2];
		now.holder = trpt->bup.ovals[1];
		now.granted[ Index(((P0 *)_this)->next, 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 3);
		goto R999;

	case 117: // STATE 563
		;
		((P0 *)_this)->k = trpt->bup.oval;
		;
		goto R999;

	case 118: // STATE 566
		;
		((P0 *)_this)->k = trpt->bup.ovals[1];
		now.taken[ Index(((P0 *)_this)->k, 3) ] = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;

	case 119: // STATE 575
		;
		((P0 *)_this)->next = trpt->bup.ovals[2];
		now.signal[ Index(((P0 *)_this)->next, 3) ] = trpt->bup.ovals[1];
		((P0 *)_this)->k = trpt->bup.ovals[0];
		;
		ungrab_ints(trpt->bup.ovals, 4);
		goto R999;
;
		
	case 120: // STATE 579
		goto R999;

	case 121: // STATE 582
		;
		now.drop = trpt->bup.ovals[1];
	/* 0 */	((P0 *)_this)->looked = trpt->bup.ovals[0];
		;
		;
		ungrab_ints(trpt->bup.ovals, 2);
		goto R999;
;
		
	case 122: // STATE 585
		goto R999;
;
		;
		
	case 124: // STATE 590
		;
		now.granted[ Index(((P0 *)_this)->i, 3) ] = trpt->bup.oval;
		;
		goto R999;
	case 125: // STATE 615
		sv_restor();
		goto R999;

	case 126: // STATE 616
		;
		now.mtx = trpt->bup.oval;
		;
		goto R999;
;
		;
		;
		;
		
	case 129: // STATE 620
		;
		now.stale = trpt->bup.oval;
		;
		goto R999;

	case 130: // STATE 621
		;
	/* 0 */	((P0 *)_this)->raised = trpt->bup.oval;
		;
		;
		goto R999;

	case 131: // STATE 622
		;
		now.stale = trpt->bup.oval;
		;
		goto R999;

	case 132: // STATE 626
		;
		now.mtx = trpt->bup.oval;
		;
		goto R999;

	case 133: // STATE 632
		;
		waiting[ Index(((P0 *)_this)->i, 3) ] = trpt->bup.oval;
		;
		goto R999;
	case 134: // STATE 657
		sv_restor();
		goto R999;

	case 135: // STATE 658
		;
		now.mtx = trpt->bup.oval;
		;
		goto R999;

	case 136: // STATE 670
		;
		now.mtx = trpt->bup.oval;
		;
		goto R999;
	case 137: // STATE 688
		sv_restor();
		goto R999;

	case 138: // STATE 689
		;
		now.mtx = trpt->bup.oval;
		;
		goto R999;

	case 139: // STATE 691
		;
		p_restor(II);
		;
		;
		goto R999;
	}

