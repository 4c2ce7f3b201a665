#ifdef PEG
struct T_SRC {
	char *fl; int ln;
} T_SRC[NTRANS];

void
tr_2_src(int m, char *file, int ln)
{	T_SRC[m].fl = file;
	T_SRC[m].ln = ln;
}

void
putpeg(int n, int m)
{	printf("%5d	trans %4d ", m, n);
	printf("%s:%d\n",
		T_SRC[n].fl, T_SRC[n].ln);
}
#endif

void
settable(void)
{	Trans *T;
	Trans *settr(int, int, int, int, int, char *, int, int, int);

	trans = (Trans ***) emalloc(3*sizeof(Trans **));

	/* proctype 1: :init: */

	trans[1] = (Trans **) emalloc(11*sizeof(Trans *));

	T = trans[ 1][9] = settr(699,2,0,0,0,"ATOMIC", 0, 2, 0);
	T->nxt	= settr(699,2,6,0,0,"ATOMIC", 0, 2, 0);
	trans[1][7]	= settr(697,2,6,1,0,".(goto)", 0, 2, 0);
	T = trans[1][6] = settr(696,2,0,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(696,2,1,0,0,"DO", 0, 2, 0);
	    T->nxt	= settr(696,2,4,0,0,"DO", 0, 2, 0);
	trans[1][1]	= settr(691,2,2,3,0,"((n<3))", 0, 2, 0);
	trans[1][2]	= settr(692,2,3,4,4,"(run thread(n))", 0, 2, 0);
	trans[1][3]	= settr(693,2,6,5,5,"n = (n+1)", 0, 2, 0);
	trans[1][4]	= settr(694,2,5,2,0,"else", 0, 2, 0);
	trans[1][5]	= settr(695,2,8,1,0,"goto :b26", 0, 2, 0);
	trans[1][8]	= settr(698,0,10,1,0,"break", 0, 2, 0);
	trans[1][10]	= settr(700,0,0,6,6,"-end-", 0, 3500, 0);

	/* proctype 0: thread */

	trans[0] = (Trans **) emalloc(692*sizeof(Trans *));

	trans[0][667]	= settr(666,0,666,1,0,".(goto)", 0, 2, 0);
	T = trans[0][666] = settr(665,0,0,0,0,"DO", 0, 2, 0);
	    T->nxt	= settr(665,0,233,0,0,"DO", 0, 2, 0);
	T = trans[0][233] = settr(232,0,0,0,0,"IF", 0, 2, 0);
	T = T->nxt	= settr(232,0,14,0,0,"IF", 0, 2, 0);
	    T->nxt	= settr(232,0,15,0,0,"IF", 0, 2, 0);
	T = trans[ 0][14] = settr(13,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(13,2,1,0,0,"ATOMIC", 1, 2, 0);
	trans[0][1]	= settr(0,2,13,7,7,"((!(held)&&(last==i)))", 1, 2, 0); /* m: 2 -> 13,0 */
	reached0[2] = 1;
	trans[0][2]	= settr(0,0,0,0,0,"held = 1",0,0,0);
	T = trans[ 0][13] = settr(12,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(12,0,3,0,0,"sub-sequence", 1, 2, 0);
	trans[0][3]	= settr(2,2,9,8,8,"k = 0", 1, 2, 0);
	trans[0][10]	= settr(9,2,9,1,0,".(goto)", 1, 2, 0);
	T = trans[0][9] = settr(8,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(8,2,4,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(8,2,7,0,0,"DO", 1, 2, 0);
	trans[0][4]	= settr(3,2,9,9,9,"((k<3))", 1, 2, 0); /* m: 5 -> 9,0 */
	reached0[5] = 1;
	trans[0][5]	= settr(0,0,0,0,0,"taken[k] = 1",0,0,0);
	trans[0][6]	= settr(0,0,0,0,0,"k = (k+1)",0,0,0);
	trans[0][7]	= settr(6,2,11,2,0,"else", 1, 2, 0);
	trans[0][8]	= settr(7,2,11,1,0,"goto :b1", 1, 2, 0);
	trans[0][11]	= settr(10,2,12,1,0,"break", 1, 2, 0);
	trans[0][12]	= settr(11,0,238,10,10,"k = 0", 1, 2, 0);
	trans[0][234]	= settr(233,0,238,1,0,".(goto)", 0, 2, 0);
	trans[0][15]	= settr(14,0,19,2,0,"else", 0, 2, 0);
	T = trans[ 0][19] = settr(18,0,0,0,0,"sub-sequence", 0, 2, 0);
	T->nxt	= settr(18,0,18,0,0,"sub-sequence", 0, 2, 0);
	T = trans[ 0][18] = settr(17,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(17,2,16,0,0,"ATOMIC", 1, 2, 0);
	trans[0][16]	= settr(15,4,204,11,11,"((mtx==0))", 1, 2, 0); /* m: 17 -> 204,0 */
	reached0[17] = 1;
	trans[0][17]	= settr(0,0,0,0,0,"mtx = 1",0,0,0);
	T = trans[0][204] = settr(203,0,0,0,0,"IF", 0, 2, 0);
	T = T->nxt	= settr(203,0,35,0,0,"IF", 0, 2, 0);
	    T->nxt	= settr(203,0,36,0,0,"IF", 0, 2, 0);
	T = trans[ 0][35] = settr(34,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(34,2,20,0,0,"ATOMIC", 1, 2, 0);
	trans[0][20]	= settr(19,2,34,12,12,"(((length==0)&&!(held)))", 1, 2, 0); /* m: 21 -> 34,0 */
	reached0[21] = 1;
	trans[0][21]	= settr(0,0,0,0,0,"held = 1",0,0,0);
	trans[0][22]	= settr(0,0,0,0,0,"holder = i",0,0,0);
	trans[0][23]	= settr(0,0,0,0,0,"drop = 0",0,0,0);
	T = trans[ 0][34] = settr(33,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(33,0,24,0,0,"sub-sequence", 1, 2, 0);
	trans[0][24]	= settr(23,2,30,13,13,"k = 0", 1, 2, 0);
	trans[0][31]	= settr(30,2,30,1,0,".(goto)", 1, 2, 0);
	T = trans[0][30] = settr(29,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(29,2,25,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(29,2,28,0,0,"DO", 1, 2, 0);
	trans[0][25]	= settr(24,2,30,14,14,"((k<3))", 1, 2, 0); /* m: 26 -> 30,0 */
	reached0[26] = 1;
	trans[0][26]	= settr(0,0,0,0,0,"taken[k] = 1",0,0,0);
	trans[0][27]	= settr(0,0,0,0,0,"k = (k+1)",0,0,0);
	trans[0][28]	= settr(27,2,32,2,0,"else", 1, 2, 0);
	trans[0][29]	= settr(28,2,32,1,0,"goto :b2", 1, 2, 0);
	trans[0][32]	= settr(31,2,33,1,0,"break", 1, 2, 0);
	trans[0][33]	= settr(32,0,232,15,15,"k = 0", 1, 2, 0);
	trans[0][205]	= settr(204,0,232,1,0,".(goto)", 0, 2, 0);
	trans[0][36]	= settr(35,0,40,2,0,"else", 0, 2, 0);
/*->*/	trans[0][40]	= settr(39,32,203,16,16,"D_STEP155", 1, 2, 0);
	T = trans[ 0][203] = settr(202,0,0,0,0,"sub-sequence", 0, 2, 0);
	T->nxt	= settr(202,0,44,0,0,"sub-sequence", 0, 2, 0);
/*->*/	trans[0][44]	= settr(43,32,199,17,17,"D_STEP91", 1, 2, 0);
	trans[0][200]	= settr(199,0,199,1,0,".(goto)", 0, 2, 0);
	T = trans[0][199] = settr(198,0,0,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(198,0,45,0,0,"DO", 0, 2, 0);
	    T->nxt	= settr(198,0,48,0,0,"DO", 0, 2, 0);
	trans[0][45]	= settr(44,0,46,18,0,"(granted[i])", 1, 2, 0);
	trans[0][46]	= settr(45,0,202,19,19,"granted[i] = 0", 1, 2, 0);
	trans[0][47]	= settr(46,0,202,1,0,"goto :b3", 0, 2, 0);
	trans[0][48]	= settr(47,0,54,2,0,"else", 0, 2, 0);
/*->*/	trans[0][54]	= settr(53,32,158,20,20,"D_STEP95", 1, 2, 0);
	T = trans[ 0][158] = settr(157,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(157,2,156,0,0,"ATOMIC", 1, 2, 0);
	T = trans[0][156] = settr(155,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(155,2,55,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(155,2,100,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(155,2,150,0,0,"IF", 1, 2, 0);
	trans[0][55]	= settr(54,2,99,21,21,"((!(held)&&((holder==255)||(!(taken[i])&&((keeper==i)||(queue[0]==i))))))", 1, 2, 0); /* m: 56 -> 99,0 */
	reached0[56] = 1;
	trans[0][56]	= settr(0,0,0,0,0,"held = 1",0,0,0);
	T = trans[ 0][99] = settr(98,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(98,0,57,0,0,"sub-sequence", 1, 2, 0);
	trans[0][57]	= settr(56,2,77,22,22,"next = queue[0]", 1, 2, 0);
	T = trans[ 0][77] = settr(76,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(76,0,58,0,0,"sub-sequence", 1, 2, 0);
	trans[0][58]	= settr(57,2,63,23,23,"k = 0", 1, 2, 0);
	trans[0][64]	= settr(63,2,63,1,0,".(goto)", 1, 2, 0);
	T = trans[0][63] = settr(62,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(62,2,59,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(62,2,61,0,0,"DO", 1, 2, 0);
	trans[0][59]	= settr(58,2,63,24,24,"(((k<length)&&(queue[k]!=next)))", 1, 2, 0); /* m: 60 -> 63,0 */
	reached0[60] = 1;
	trans[0][60]	= settr(0,0,0,0,0,"k = (k+1)",0,0,0);
	trans[0][61]	= settr(60,2,71,2,0,"else", 1, 2, 0);
	trans[0][62]	= settr(61,2,71,1,0,"goto :b4", 1, 2, 0);
	trans[0][65]	= settr(64,2,71,1,0,"break", 1, 2, 0);
	trans[0][72]	= settr(71,2,71,1,0,".(goto)", 1, 2, 0);
	T = trans[0][71] = settr(70,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(70,2,66,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(70,2,69,0,0,"DO", 1, 2, 0);
	trans[0][66]	= settr(65,2,71,25,25,"(((k+1)<length))", 1, 2, 0); /* m: 67 -> 71,0 */
	reached0[67] = 1;
	trans[0][67]	= settr(0,0,0,0,0,"queue[k] = queue[(k+1)]",0,0,0);
	trans[0][68]	= settr(0,0,0,0,0,"k = (k+1)",0,0,0);
	trans[0][69]	= settr(68,2,74,2,0,"else", 1, 2, 0);
	trans[0][70]	= settr(69,2,74,1,0,"goto :b5", 1, 2, 0); /* m: 74 -> 0,81 */
	reached0[74] = 1;
	trans[0][73]	= settr(72,2,74,1,0,"break", 1, 2, 0);
	trans[0][74]	= settr(73,2,81,26,26,"length = (length-1)", 1, 2, 0); /* m: 75 -> 0,81 */
	reached0[75] = 1;
	trans[0][75]	= settr(0,0,0,0,0,"queue[length] = 0",0,0,0);
	trans[0][76]	= settr(0,0,0,0,0,"k = 0",0,0,0);
	T = trans[0][81] = settr(80,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(80,2,78,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(80,2,80,0,0,"IF", 1, 2, 0);
	trans[0][78]	= settr(77,2,96,27,27,"((keeper==next))", 1, 2, 0); /* m: 79 -> 96,0 */
	reached0[79] = 1;
	trans[0][79]	= settr(0,0,0,0,0,"keeper = 255",0,0,0);
	trans[0][82]	= settr(81,2,83,1,0,".(goto)", 1, 2, 0); /* m: 83 -> 0,96 */
	reached0[83] = 1;
	trans[0][80]	= settr(79,2,83,2,0,"else", 1, 2, 0);
	trans[0][83]	= settr(82,2,96,28,28,"granted[next] = 1", 1, 2, 0); /* m: 84 -> 0,96 */
	reached0[84] = 1;
	trans[0][84]	= settr(0,0,0,0,0,"holder = next",0,0,0);
	trans[0][85]	= settr(0,0,0,0,0,"drop = 0",0,0,0);
	T = trans[ 0][96] = settr(95,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(95,0,86,0,0,"sub-sequence", 1, 2, 0);
	trans[0][86]	= settr(85,2,92,29,29,"k = 0", 1, 2, 0);
	trans[0][93]	= settr(92,2,92,1,0,".(goto)", 1, 2, 0);
	T = trans[0][92] = settr(91,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(91,2,87,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(91,2,90,0,0,"DO", 1, 2, 0);
	trans[0][87]	= settr(86,2,92,30,30,"((k<3))", 1, 2, 0); /* m: 88 -> 92,0 */
	reached0[88] = 1;
	trans[0][88]	= settr(0,0,0,0,0,"taken[k] = 1",0,0,0);
	trans[0][89]	= settr(0,0,0,0,0,"k = (k+1)",0,0,0);
	trans[0][90]	= settr(89,2,95,2,0,"else", 1, 2, 0);
	trans[0][91]	= settr(90,2,95,1,0,"goto :b6", 1, 2, 0); /* m: 95 -> 0,163 */
	reached0[95] = 1;
	trans[0][94]	= settr(93,2,95,1,0,"break", 1, 2, 0);
	trans[0][95]	= settr(94,4,163,31,31,"k = 0", 1, 2, 0); /* m: 97 -> 0,163 */
	reached0[97] = 1;
	trans[0][97]	= settr(0,0,0,0,0,"signal[next] = 1",0,0,0);
	trans[0][98]	= settr(0,0,0,0,0,"next = 255",0,0,0);
	trans[0][157]	= settr(156,0,163,32,32,".(goto)", 1, 2, 0);
	trans[0][100]	= settr(99,2,148,33,33,"((!(held)&&!(((holder==255)||(!(taken[i])&&((keeper==i)||(queue[0]==i)))))))", 1, 2, 0); /* m: 101 -> 148,0 */
	reached0[101] = 1;
	trans[0][101]	= settr(0,0,0,0,0,"taken[i] = 0",0,0,0);
	T = trans[0][148] = settr(147,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(147,2,102,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(147,2,147,0,0,"IF", 1, 2, 0);
	trans[0][102]	= settr(101,2,146,34,34,"((drop&&((keeper==i)||(queue[0]==i))))", 1, 2, 0); /* m: 103 -> 146,0 */
	reached0[103] = 1;
	trans[0][103]	= settr(0,0,0,0,0,"held = 1",0,0,0);
	T = trans[ 0][146] = settr(145,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(145,0,104,0,0,"sub-sequence", 1, 2, 0);
	trans[0][104]	= settr(103,2,124,35,35,"next = queue[0]", 1, 2, 0);
	T = trans[ 0][124] = settr(123,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(123,0,105,0,0,"sub-sequence", 1, 2, 0);
	trans[0][105]	= settr(104,2,110,36,36,"k = 0", 1, 2, 0);
	trans[0][111]	= settr(110,2,110,1,0,".(goto)", 1, 2, 0);
	T = trans[0][110] = settr(109,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(109,2,106,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(109,2,108,0,0,"DO", 1, 2, 0);
	trans[0][106]	= settr(105,2,110,37,37,"(((k<length)&&(queue[k]!=next)))", 1, 2, 0); /* m: 107 -> 110,0 */
	reached0[107] = 1;
	trans[0][107]	= settr(0,0,0,0,0,"k = (k+1)",0,0,0);
	trans[0][108]	= settr(107,2,118,2,0,"else", 1, 2, 0);
	trans[0][109]	= settr(108,2,118,1,0,"goto :b7", 1, 2, 0);
	trans[0][112]	= settr(111,2,118,1,0,"break", 1, 2, 0);
	trans[0][119]	= settr(118,2,118,1,0,".(goto)", 1, 2, 0);
	T = trans[0][118] = settr(117,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(117,2,113,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(117,2,116,0,0,"DO", 1, 2, 0);
	trans[0][113]	= settr(112,2,118,38,38,"(((k+1)<length))", 1, 2, 0); /* m: 114 -> 118,0 */
	reached0[114] = 1;
	trans[0][114]	= settr(0,0,0,0,0,"queue[k] = queue[(k+1)]",0,0,0);
	trans[0][115]	= settr(0,0,0,0,0,"k = (k+1)",0,0,0);
	trans[0][116]	= settr(115,2,121,2,0,"else", 1, 2, 0);
	trans[0][117]	= settr(116,2,121,1,0,"goto :b8", 1, 2, 0); /* m: 121 -> 0,128 */
	reached0[121] = 1;
	trans[0][120]	= settr(119,2,121,1,0,"break", 1, 2, 0);
	trans[0][121]	= settr(120,2,128,39,39,"length = (length-1)", 1, 2, 0); /* m: 122 -> 0,128 */
	reached0[122] = 1;
	trans[0][122]	= settr(0,0,0,0,0,"queue[length] = 0",0,0,0);
	trans[0][123]	= settr(0,0,0,0,0,"k = 0",0,0,0);
	T = trans[0][128] = settr(127,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(127,2,125,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(127,2,127,0,0,"IF", 1, 2, 0);
	trans[0][125]	= settr(124,2,143,40,40,"((keeper==next))", 1, 2, 0); /* m: 126 -> 143,0 */
	reached0[126] = 1;
	trans[0][126]	= settr(0,0,0,0,0,"keeper = 255",0,0,0);
	trans[0][129]	= settr(128,2,130,1,0,".(goto)", 1, 2, 0); /* m: 130 -> 0,143 */
	reached0[130] = 1;
	trans[0][127]	= settr(126,2,130,2,0,"else", 1, 2, 0);
	trans[0][130]	= settr(129,2,143,41,41,"granted[next] = 1", 1, 2, 0); /* m: 131 -> 0,143 */
	reached0[131] = 1;
	trans[0][131]	= settr(0,0,0,0,0,"holder = next",0,0,0);
	trans[0][132]	= settr(0,0,0,0,0,"drop = 0",0,0,0);
	T = trans[ 0][143] = settr(142,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(142,0,133,0,0,"sub-sequence", 1, 2, 0);
	trans[0][133]	= settr(132,2,139,42,42,"k = 0", 1, 2, 0);
	trans[0][140]	= settr(139,2,139,1,0,".(goto)", 1, 2, 0);
	T = trans[0][139] = settr(138,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(138,2,134,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(138,2,137,0,0,"DO", 1, 2, 0);
	trans[0][134]	= settr(133,2,139,43,43,"((k<3))", 1, 2, 0); /* m: 135 -> 139,0 */
	reached0[135] = 1;
	trans[0][135]	= settr(0,0,0,0,0,"taken[k] = 1",0,0,0);
	trans[0][136]	= settr(0,0,0,0,0,"k = (k+1)",0,0,0);
	trans[0][137]	= settr(136,2,142,2,0,"else", 1, 2, 0);
	trans[0][138]	= settr(137,2,142,1,0,"goto :b9", 1, 2, 0); /* m: 142 -> 0,163 */
	reached0[142] = 1;
	trans[0][141]	= settr(140,2,142,1,0,"break", 1, 2, 0);
	trans[0][142]	= settr(141,4,163,44,44,"k = 0", 1, 2, 0); /* m: 144 -> 0,163 */
	reached0[144] = 1;
	trans[0][144]	= settr(0,0,0,0,0,"signal[next] = 1",0,0,0);
	trans[0][145]	= settr(0,0,0,0,0,"next = 255",0,0,0);
	trans[0][149]	= settr(148,4,163,45,45,".(goto)", 1, 2, 0); /* m: 157 -> 0,163 */
	reached0[157] = 1;
	trans[0][147]	= settr(146,2,149,2,0,"else", 1, 2, 0);
	trans[0][150]	= settr(149,2,154,2,0,"else", 1, 2, 0);
	T = trans[0][154] = settr(153,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(153,2,151,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(153,2,153,0,0,"IF", 1, 2, 0);
	trans[0][151]	= settr(150,4,163,46,46,"(((keeper==i)&&looked))", 1, 2, 0); /* m: 152 -> 163,0 */
	reached0[152] = 1;
	trans[0][152]	= settr(0,0,0,0,0,"drop = 1",0,0,0);
	trans[0][155]	= settr(154,4,163,47,47,".(goto)", 1, 2, 0); /* m: 157 -> 0,163 */
	reached0[157] = 1;
	trans[0][153]	= settr(152,2,155,2,0,"else", 1, 2, 0);
	T = trans[0][163] = settr(162,0,0,0,0,"IF", 0, 2, 0);
	T = T->nxt	= settr(162,0,159,0,0,"IF", 0, 2, 0);
	    T->nxt	= settr(162,0,162,0,0,"IF", 0, 2, 0);
	trans[0][159]	= settr(158,0,160,48,0,"(granted[i])", 1, 2, 0);
	trans[0][160]	= settr(159,0,202,49,49,"granted[i] = 0", 1, 2, 0);
	trans[0][161]	= settr(160,0,202,1,0,"goto :b3", 0, 2, 0);
	trans[0][164]	= settr(163,0,185,1,0,".(goto)", 0, 2, 0);
	trans[0][162]	= settr(161,0,185,2,0,"else", 0, 2, 0);
/*->*/	trans[0][185]	= settr(184,32,187,50,50,"D_STEP116", 1, 2, 0);
	T = trans[ 0][187] = settr(186,0,0,0,0,"sub-sequence", 0, 2, 0);
	T->nxt	= settr(186,0,186,0,0,"sub-sequence", 0, 2, 0);
	trans[0][186]	= settr(185,0,193,51,51,"mtx = 0", 1, 2, 0);
	T = trans[0][193] = settr(192,0,0,0,0,"IF", 0, 2, 0);
	T = T->nxt	= settr(192,0,188,0,0,"IF", 0, 2, 0);
	T = T->nxt	= settr(192,0,189,0,0,"IF", 0, 2, 0);
	    T->nxt	= settr(192,0,191,0,0,"IF", 0, 2, 0);
	trans[0][188]	= settr(187,0,198,52,0,"(signal[i])", 1, 2, 0);
	trans[0][194]	= settr(193,0,198,1,0,".(goto)", 0, 2, 0);
	trans[0][189]	= settr(188,0,190,53,0,"((keeper==i))", 1, 2, 0);
	trans[0][190]	= settr(189,0,198,54,54,"stale = 0", 1, 2, 0);
	trans[0][191]	= settr(190,0,192,55,55,"(raised)", 0, 2, 0);
	trans[0][192]	= settr(191,0,198,56,56,"stale = 0", 1, 2, 0);
	T = trans[ 0][198] = settr(197,0,0,0,0,"sub-sequence", 0, 2, 0);
	T->nxt	= settr(197,0,197,0,0,"sub-sequence", 0, 2, 0);
	T = trans[ 0][197] = settr(196,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(196,2,195,0,0,"ATOMIC", 1, 2, 0);
	trans[0][195]	= settr(194,0,199,57,57,"((mtx==0))", 1, 2, 0); /* m: 196 -> 199,0 */
	reached0[196] = 1;
	trans[0][196]	= settr(0,0,0,0,0,"mtx = 1",0,0,0);
	trans[0][201]	= settr(200,0,202,1,0,"break", 0, 2, 0);
	trans[0][202]	= settr(201,0,232,58,58,"waiting[i] = 0", 1, 2, 0);
	T = trans[ 0][232] = settr(231,0,0,0,0,"sub-sequence", 0, 2, 0);
	T->nxt	= settr(231,0,229,0,0,"sub-sequence", 0, 2, 0);
/*->*/	trans[0][229]	= settr(228,32,231,59,59,"D_STEP136", 1, 2, 0);
	T = trans[ 0][231] = settr(230,0,0,0,0,"sub-sequence", 0, 2, 0);
	T->nxt	= settr(230,0,230,0,0,"sub-sequence", 0, 2, 0);
	trans[0][230]	= settr(229,0,238,60,60,"mtx = 0", 1, 2, 0);
	T = trans[ 0][238] = settr(237,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(237,2,235,0,0,"ATOMIC", 1, 2, 0);
	trans[0][235]	= settr(234,4,241,61,61,"inside = (inside+1)", 1, 2, 0); /* m: 236 -> 0,241 */
	reached0[236] = 1;
	trans[0][236]	= settr(0,0,0,0,0,"having[i] = 1",0,0,0);
	trans[0][237]	= settr(0,0,0,0,0,"assert(((inside==1)&&held))",0,0,0);
	T = trans[ 0][241] = settr(240,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(240,2,239,0,0,"ATOMIC", 1, 2, 0);
	trans[0][239]	= settr(238,4,664,62,62,"inside = (inside-1)", 1, 2, 0); /* m: 240 -> 0,664 */
	reached0[240] = 1;
	trans[0][240]	= settr(0,0,0,0,0,"having[i] = 0",0,0,0);
	T = trans[0][664] = settr(663,0,0,0,0,"IF", 0, 2, 0);
	T = T->nxt	= settr(663,0,244,0,0,"IF", 0, 2, 0);
	T = T->nxt	= settr(663,0,337,0,0,"IF", 0, 2, 0);
	    T->nxt	= settr(663,0,413,0,0,"IF", 0, 2, 0);
	T = trans[ 0][244] = settr(243,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(243,2,242,0,0,"ATOMIC", 1, 2, 0);
	trans[0][242]	= settr(241,4,248,63,63,"last = i", 1, 2, 0); /* m: 243 -> 0,248 */
	reached0[243] = 1;
	trans[0][243]	= settr(0,0,0,0,0,"held = 0",0,0,0);
	T = trans[0][248] = settr(247,0,0,0,0,"IF", 0, 2, 0);
	T = T->nxt	= settr(247,0,245,0,0,"IF", 0, 2, 0);
	    T->nxt	= settr(247,0,246,0,0,"IF", 0, 2, 0);
	trans[0][245]	= settr(244,0,327,64,64,"heed = attention", 1, 2, 0);
	trans[0][249]	= settr(248,0,327,1,0,".(goto)", 0, 2, 0);
	trans[0][246]	= settr(245,0,247,65,0,"(stale)", 1, 2, 0);
	trans[0][247]	= settr(246,0,327,66,66,"heed = 0", 0, 2, 0);
	T = trans[0][327] = settr(326,0,0,0,0,"IF", 0, 2, 0);
	T = T->nxt	= settr(326,0,250,0,0,"IF", 0, 2, 0);
	    T->nxt	= settr(326,0,326,0,0,"IF", 0, 2, 0);
	trans[0][250]	= settr(249,0,255,67,67,"(heed)", 0, 2, 0); /* m: 251 -> 255,0 */
	reached0[251] = 1;
	trans[0][251]	= settr(0,0,0,0,0,"heed = 0",0,0,0);
	T = trans[ 0][255] = settr(254,0,0,0,0,"sub-sequence", 0, 2, 0);
	T->nxt	= settr(254,0,254,0,0,"sub-sequence", 0, 2, 0);
	T = trans[ 0][254] = settr(253,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(253,2,252,0,0,"ATOMIC", 1, 2, 0);
	trans[0][252]	= settr(251,4,304,68,68,"((mtx==0))", 1, 2, 0); /* m: 253 -> 304,0 */
	reached0[253] = 1;
	trans[0][253]	= settr(0,0,0,0,0,"mtx = 1",0,0,0);
	T = trans[ 0][304] = settr(303,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(303,2,302,0,0,"ATOMIC", 1, 2, 0);
	T = trans[0][302] = settr(301,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(301,2,256,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(301,2,301,0,0,"IF", 1, 2, 0);
	trans[0][256]	= settr(255,2,300,69,69,"((((!(held)&&(last==i))&&drop)&&(length>0)))", 1, 2, 0); /* m: 257 -> 300,0 */
	reached0[257] = 1;
	trans[0][257]	= settr(0,0,0,0,0,"held = 1",0,0,0);
	T = trans[ 0][300] = settr(299,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(299,0,258,0,0,"sub-sequence", 1, 2, 0);
	trans[0][258]	= settr(257,2,278,70,70,"next = queue[0]", 1, 2, 0);
	T = trans[ 0][278] = settr(277,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(277,0,259,0,0,"sub-sequence", 1, 2, 0);
	trans[0][259]	= settr(258,2,264,71,71,"k = 0", 1, 2, 0);
	trans[0][265]	= settr(264,2,264,1,0,".(goto)", 1, 2, 0);
	T = trans[0][264] = settr(263,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(263,2,260,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(263,2,262,0,0,"DO", 1, 2, 0);
	trans[0][260]	= settr(259,2,264,72,72,"(((k<length)&&(queue[k]!=next)))", 1, 2, 0); /* m: 261 -> 264,0 */
	reached0[261] = 1;
	trans[0][261]	= settr(0,0,0,0,0,"k = (k+1)",0,0,0);
	trans[0][262]	= settr(261,2,272,2,0,"else", 1, 2, 0);
	trans[0][263]	= settr(262,2,272,1,0,"goto :b10", 1, 2, 0);
	trans[0][266]	= settr(265,2,272,1,0,"break", 1, 2, 0);
	trans[0][273]	= settr(272,2,272,1,0,".(goto)", 1, 2, 0);
	T = trans[0][272] = settr(271,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(271,2,267,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(271,2,270,0,0,"DO", 1, 2, 0);
	trans[0][267]	= settr(266,2,272,73,73,"(((k+1)<length))", 1, 2, 0); /* m: 268 -> 272,0 */
	reached0[268] = 1;
	trans[0][268]	= settr(0,0,0,0,0,"queue[k] = queue[(k+1)]",0,0,0);
	trans[0][269]	= settr(0,0,0,0,0,"k = (k+1)",0,0,0);
	trans[0][270]	= settr(269,2,275,2,0,"else", 1, 2, 0);
	trans[0][271]	= settr(270,2,275,1,0,"goto :b11", 1, 2, 0); /* m: 275 -> 0,282 */
	reached0[275] = 1;
	trans[0][274]	= settr(273,2,275,1,0,"break", 1, 2, 0);
	trans[0][275]	= settr(274,2,282,74,74,"length = (length-1)", 1, 2, 0); /* m: 276 -> 0,282 */
	reached0[276] = 1;
	trans[0][276]	= settr(0,0,0,0,0,"queue[length] = 0",0,0,0);
	trans[0][277]	= settr(0,0,0,0,0,"k = 0",0,0,0);
	T = trans[0][282] = settr(281,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(281,2,279,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(281,2,281,0,0,"IF", 1, 2, 0);
	trans[0][279]	= settr(278,2,297,75,75,"((keeper==next))", 1, 2, 0); /* m: 280 -> 297,0 */
	reached0[280] = 1;
	trans[0][280]	= settr(0,0,0,0,0,"keeper = 255",0,0,0);
	trans[0][283]	= settr(282,2,284,1,0,".(goto)", 1, 2, 0); /* m: 284 -> 0,297 */
	reached0[284] = 1;
	trans[0][281]	= settr(280,2,284,2,0,"else", 1, 2, 0);
	trans[0][284]	= settr(283,2,297,76,76,"granted[next] = 1", 1, 2, 0); /* m: 285 -> 0,297 */
	reached0[285] = 1;
	trans[0][285]	= settr(0,0,0,0,0,"holder = next",0,0,0);
	trans[0][286]	= settr(0,0,0,0,0,"drop = 0",0,0,0);
	T = trans[ 0][297] = settr(296,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(296,0,287,0,0,"sub-sequence", 1, 2, 0);
	trans[0][287]	= settr(286,2,293,77,77,"k = 0", 1, 2, 0);
	trans[0][294]	= settr(293,2,293,1,0,".(goto)", 1, 2, 0);
	T = trans[0][293] = settr(292,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(292,2,288,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(292,2,291,0,0,"DO", 1, 2, 0);
	trans[0][288]	= settr(287,2,293,78,78,"((k<3))", 1, 2, 0); /* m: 289 -> 293,0 */
	reached0[289] = 1;
	trans[0][289]	= settr(0,0,0,0,0,"taken[k] = 1",0,0,0);
	trans[0][290]	= settr(0,0,0,0,0,"k = (k+1)",0,0,0);
	trans[0][291]	= settr(290,2,296,2,0,"else", 1, 2, 0);
	trans[0][292]	= settr(291,2,296,1,0,"goto :b12", 1, 2, 0); /* m: 296 -> 0,323 */
	reached0[296] = 1;
	trans[0][295]	= settr(294,2,296,1,0,"break", 1, 2, 0);
	trans[0][296]	= settr(295,4,323,79,79,"k = 0", 1, 2, 0); /* m: 298 -> 0,323 */
	reached0[298] = 1;
	trans[0][298]	= settr(0,0,0,0,0,"signal[next] = 1",0,0,0);
	trans[0][299]	= settr(0,0,0,0,0,"next = 255",0,0,0);
	trans[0][303]	= settr(302,0,323,80,80,".(goto)", 1, 2, 0);
	trans[0][301]	= settr(300,2,303,2,0,"else", 1, 2, 0);
/*->*/	trans[0][323]	= settr(322,32,325,81,81,"D_STEP179", 1, 2, 0);
	T = trans[ 0][325] = settr(324,0,0,0,0,"sub-sequence", 0, 2, 0);
	T->nxt	= settr(324,0,324,0,0,"sub-sequence", 0, 2, 0);
	trans[0][324]	= settr(323,0,332,82,82,"mtx = 0", 1, 2, 0);
	trans[0][328]	= settr(327,0,332,1,0,".(goto)", 0, 2, 0);
	trans[0][326]	= settr(325,0,332,2,0,"else", 0, 2, 0);
	T = trans[0][332] = settr(331,0,0,0,0,"IF", 0, 2, 0);
	T = T->nxt	= settr(331,0,329,0,0,"IF", 0, 2, 0);
	    T->nxt	= settr(331,0,330,0,0,"IF", 0, 2, 0);
	trans[0][329]	= settr(328,0,666,1,0,"(1)", 0, 2, 0);
	trans[0][333]	= settr(332,0,666,1,0,".(goto)", 0, 2, 0);
	trans[0][330]	= settr(329,0,672,1,0,"(1)", 0, 2, 0);
	trans[0][331]	= settr(330,0,672,1,0,"goto gone", 0, 2, 0);
	trans[0][665]	= settr(664,0,666,1,0,".(goto)", 0, 2, 0);
	T = trans[ 0][337] = settr(336,0,0,0,0,"sub-sequence", 0, 2, 0);
	T->nxt	= settr(336,0,336,0,0,"sub-sequence", 0, 2, 0);
	T = trans[ 0][336] = settr(335,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(335,2,334,0,0,"ATOMIC", 1, 2, 0);
	trans[0][334]	= settr(333,4,405,83,83,"((mtx==0))", 1, 2, 0); /* m: 335 -> 405,0 */
	reached0[335] = 1;
	trans[0][335]	= settr(0,0,0,0,0,"mtx = 1",0,0,0);
/*->*/	trans[0][405]	= settr(404,32,407,84,84,"D_STEP189", 1, 2, 0);
	T = trans[ 0][407] = settr(406,0,0,0,0,"sub-sequence", 0, 2, 0);
	T->nxt	= settr(406,0,406,0,0,"sub-sequence", 0, 2, 0);
	trans[0][406]	= settr(405,0,411,85,85,"mtx = 0", 1, 2, 0);
	T = trans[0][411] = settr(410,0,0,0,0,"IF", 0, 2, 0);
	T = T->nxt	= settr(410,0,408,0,0,"IF", 0, 2, 0);
	    T->nxt	= settr(410,0,409,0,0,"IF", 0, 2, 0);
	trans[0][408]	= settr(407,0,666,1,0,"(1)", 0, 2, 0);
	trans[0][412]	= settr(411,0,666,1,0,".(goto)", 0, 2, 0);
	trans[0][409]	= settr(408,0,672,1,0,"(1)", 0, 2, 0);
	trans[0][410]	= settr(409,0,672,1,0,"goto gone", 0, 2, 0);
	trans[0][413]	= settr(412,0,417,86,0,"((drop&&(holder==i)))", 1, 2, 0);
	T = trans[ 0][417] = settr(416,0,0,0,0,"sub-sequence", 0, 2, 0);
	T->nxt	= settr(416,0,416,0,0,"sub-sequence", 0, 2, 0);
	T = trans[ 0][416] = settr(415,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(415,2,414,0,0,"ATOMIC", 1, 2, 0);
	trans[0][414]	= settr(413,4,662,87,87,"((mtx==0))", 1, 2, 0); /* m: 415 -> 662,0 */
	reached0[415] = 1;
	trans[0][415]	= settr(0,0,0,0,0,"mtx = 1",0,0,0);
	T = trans[0][662] = settr(661,0,0,0,0,"IF", 0, 2, 0);
	T = T->nxt	= settr(661,0,418,0,0,"IF", 0, 2, 0);
	    T->nxt	= settr(661,0,423,0,0,"IF", 0, 2, 0);
	trans[0][418]	= settr(417,0,419,88,0,"((length==0))", 1, 2, 0);
	trans[0][419]	= settr(418,0,421,89,89,"drop = 0", 1, 2, 0);
	T = trans[ 0][421] = settr(420,0,0,0,0,"sub-sequence", 0, 2, 0);
	T->nxt	= settr(420,0,420,0,0,"sub-sequence", 0, 2, 0);
	trans[0][420]	= settr(419,0,238,90,90,"mtx = 0", 1, 2, 0);
	trans[0][422]	= settr(421,0,238,1,0,"goto use", 0, 2, 0);
	trans[0][663]	= settr(662,0,666,1,0,".(goto)", 0, 2, 0);
	trans[0][423]	= settr(422,0,470,2,0,"else", 0, 2, 0);
/*->*/	trans[0][470]	= settr(469,32,633,91,91,"D_STEP207", 1, 2, 0);
	T = trans[ 0][633] = settr(632,0,0,0,0,"sub-sequence", 0, 2, 0);
	T->nxt	= settr(632,0,474,0,0,"sub-sequence", 0, 2, 0);
/*->*/	trans[0][474]	= settr(473,32,629,92,92,"D_STEP91", 1, 2, 0);
	trans[0][630]	= settr(629,0,629,1,0,".(goto)", 0, 2, 0);
	T = trans[0][629] = settr(628,0,0,0,0,"DO", 0, 2, 0);
	T = T->nxt	= settr(628,0,475,0,0,"DO", 0, 2, 0);
	    T->nxt	= settr(628,0,478,0,0,"DO", 0, 2, 0);
	trans[0][475]	= settr(474,0,476,93,0,"(granted[i])", 1, 2, 0);
	trans[0][476]	= settr(475,0,632,94,94,"granted[i] = 0", 1, 2, 0);
	trans[0][477]	= settr(476,0,632,1,0,"goto :b19", 0, 2, 0);
	trans[0][478]	= settr(477,0,484,2,0,"else", 0, 2, 0);
/*->*/	trans[0][484]	= settr(483,32,588,95,95,"D_STEP95", 1, 2, 0);
	T = trans[ 0][588] = settr(587,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(587,2,586,0,0,"ATOMIC", 1, 2, 0);
	T = trans[0][586] = settr(585,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(585,2,485,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(585,2,530,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(585,2,580,0,0,"IF", 1, 2, 0);
	trans[0][485]	= settr(484,2,529,96,96,"((!(held)&&((holder==255)||(!(taken[i])&&((keeper==i)||(queue[0]==i))))))", 1, 2, 0); /* m: 486 -> 529,0 */
	reached0[486] = 1;
	trans[0][486]	= settr(0,0,0,0,0,"held = 1",0,0,0);
	T = trans[ 0][529] = settr(528,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(528,0,487,0,0,"sub-sequence", 1, 2, 0);
	trans[0][487]	= settr(486,2,507,97,97,"next = queue[0]", 1, 2, 0);
	T = trans[ 0][507] = settr(506,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(506,0,488,0,0,"sub-sequence", 1, 2, 0);
	trans[0][488]	= settr(487,2,493,98,98,"k = 0", 1, 2, 0);
	trans[0][494]	= settr(493,2,493,1,0,".(goto)", 1, 2, 0);
	T = trans[0][493] = settr(492,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(492,2,489,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(492,2,491,0,0,"DO", 1, 2, 0);
	trans[0][489]	= settr(488,2,493,99,99,"(((k<length)&&(queue[k]!=next)))", 1, 2, 0); /* m: 490 -> 493,0 */
	reached0[490] = 1;
	trans[0][490]	= settr(0,0,0,0,0,"k = (k+1)",0,0,0);
	trans[0][491]	= settr(490,2,501,2,0,"else", 1, 2, 0);
	trans[0][492]	= settr(491,2,501,1,0,"goto :b20", 1, 2, 0);
	trans[0][495]	= settr(494,2,501,1,0,"break", 1, 2, 0);
	trans[0][502]	= settr(501,2,501,1,0,".(goto)", 1, 2, 0);
	T = trans[0][501] = settr(500,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(500,2,496,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(500,2,499,0,0,"DO", 1, 2, 0);
	trans[0][496]	= settr(495,2,501,100,100,"(((k+1)<length))", 1, 2, 0); /* m: 497 -> 501,0 */
	reached0[497] = 1;
	trans[0][497]	= settr(0,0,0,0,0,"queue[k] = queue[(k+1)]",0,0,0);
	trans[0][498]	= settr(0,0,0,0,0,"k = (k+1)",0,0,0);
	trans[0][499]	= settr(498,2,504,2,0,"else", 1, 2, 0);
	trans[0][500]	= settr(499,2,504,1,0,"goto :b21", 1, 2, 0); /* m: 504 -> 0,511 */
	reached0[504] = 1;
	trans[0][503]	= settr(502,2,504,1,0,"break", 1, 2, 0);
	trans[0][504]	= settr(503,2,511,101,101,"length = (length-1)", 1, 2, 0); /* m: 505 -> 0,511 */
	reached0[505] = 1;
	trans[0][505]	= settr(0,0,0,0,0,"queue[length] = 0",0,0,0);
	trans[0][506]	= settr(0,0,0,0,0,"k = 0",0,0,0);
	T = trans[0][511] = settr(510,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(510,2,508,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(510,2,510,0,0,"IF", 1, 2, 0);
	trans[0][508]	= settr(507,2,526,102,102,"((keeper==next))", 1, 2, 0); /* m: 509 -> 526,0 */
	reached0[509] = 1;
	trans[0][509]	= settr(0,0,0,0,0,"keeper = 255",0,0,0);
	trans[0][512]	= settr(511,2,513,1,0,".(goto)", 1, 2, 0); /* m: 513 -> 0,526 */
	reached0[513] = 1;
	trans[0][510]	= settr(509,2,513,2,0,"else", 1, 2, 0);
	trans[0][513]	= settr(512,2,526,103,103,"granted[next] = 1", 1, 2, 0); /* m: 514 -> 0,526 */
	reached0[514] = 1;
	trans[0][514]	= settr(0,0,0,0,0,"holder = next",0,0,0);
	trans[0][515]	= settr(0,0,0,0,0,"drop = 0",0,0,0);
	T = trans[ 0][526] = settr(525,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(525,0,516,0,0,"sub-sequence", 1, 2, 0);
	trans[0][516]	= settr(515,2,522,104,104,"k = 0", 1, 2, 0);
	trans[0][523]	= settr(522,2,522,1,0,".(goto)", 1, 2, 0);
	T = trans[0][522] = settr(521,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(521,2,517,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(521,2,520,0,0,"DO", 1, 2, 0);
	trans[0][517]	= settr(516,2,522,105,105,"((k<3))", 1, 2, 0); /* m: 518 -> 522,0 */
	reached0[518] = 1;
	trans[0][518]	= settr(0,0,0,0,0,"taken[k] = 1",0,0,0);
	trans[0][519]	= settr(0,0,0,0,0,"k = (k+1)",0,0,0);
	trans[0][520]	= settr(519,2,525,2,0,"else", 1, 2, 0);
	trans[0][521]	= settr(520,2,525,1,0,"goto :b22", 1, 2, 0); /* m: 525 -> 0,593 */
	reached0[525] = 1;
	trans[0][524]	= settr(523,2,525,1,0,"break", 1, 2, 0);
	trans[0][525]	= settr(524,4,593,106,106,"k = 0", 1, 2, 0); /* m: 527 -> 0,593 */
	reached0[527] = 1;
	trans[0][527]	= settr(0,0,0,0,0,"signal[next] = 1",0,0,0);
	trans[0][528]	= settr(0,0,0,0,0,"next = 255",0,0,0);
	trans[0][587]	= settr(586,0,593,107,107,".(goto)", 1, 2, 0);
	trans[0][530]	= settr(529,2,578,108,108,"((!(held)&&!(((holder==255)||(!(taken[i])&&((keeper==i)||(queue[0]==i)))))))", 1, 2, 0); /* m: 531 -> 578,0 */
	reached0[531] = 1;
	trans[0][531]	= settr(0,0,0,0,0,"taken[i] = 0",0,0,0);
	T = trans[0][578] = settr(577,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(577,2,532,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(577,2,577,0,0,"IF", 1, 2, 0);
	trans[0][532]	= settr(531,2,576,109,109,"((drop&&((keeper==i)||(queue[0]==i))))", 1, 2, 0); /* m: 533 -> 576,0 */
	reached0[533] = 1;
	trans[0][533]	= settr(0,0,0,0,0,"held = 1",0,0,0);
	T = trans[ 0][576] = settr(575,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(575,0,534,0,0,"sub-sequence", 1, 2, 0);
	trans[0][534]	= settr(533,2,554,110,110,"next = queue[0]", 1, 2, 0);
	T = trans[ 0][554] = settr(553,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(553,0,535,0,0,"sub-sequence", 1, 2, 0);
	trans[0][535]	= settr(534,2,540,111,111,"k = 0", 1, 2, 0);
	trans[0][541]	= settr(540,2,540,1,0,".(goto)", 1, 2, 0);
	T = trans[0][540] = settr(539,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(539,2,536,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(539,2,538,0,0,"DO", 1, 2, 0);
	trans[0][536]	= settr(535,2,540,112,112,"(((k<length)&&(queue[k]!=next)))", 1, 2, 0); /* m: 537 -> 540,0 */
	reached0[537] = 1;
	trans[0][537]	= settr(0,0,0,0,0,"k = (k+1)",0,0,0);
	trans[0][538]	= settr(537,2,548,2,0,"else", 1, 2, 0);
	trans[0][539]	= settr(538,2,548,1,0,"goto :b23", 1, 2, 0);
	trans[0][542]	= settr(541,2,548,1,0,"break", 1, 2, 0);
	trans[0][549]	= settr(548,2,548,1,0,".(goto)", 1, 2, 0);
	T = trans[0][548] = settr(547,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(547,2,543,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(547,2,546,0,0,"DO", 1, 2, 0);
	trans[0][543]	= settr(542,2,548,113,113,"(((k+1)<length))", 1, 2, 0); /* m: 544 -> 548,0 */
	reached0[544] = 1;
	trans[0][544]	= settr(0,0,0,0,0,"queue[k] = queue[(k+1)]",0,0,0);
	trans[0][545]	= settr(0,0,0,0,0,"k = (k+1)",0,0,0);
	trans[0][546]	= settr(545,2,551,2,0,"else", 1, 2, 0);
	trans[0][547]	= settr(546,2,551,1,0,"goto :b24", 1, 2, 0); /* m: 551 -> 0,558 */
	reached0[551] = 1;
	trans[0][550]	= settr(549,2,551,1,0,"break", 1, 2, 0);
	trans[0][551]	= settr(550,2,558,114,114,"length = (length-1)", 1, 2, 0); /* m: 552 -> 0,558 */
	reached0[552] = 1;
	trans[0][552]	= settr(0,0,0,0,0,"queue[length] = 0",0,0,0);
	trans[0][553]	= settr(0,0,0,0,0,"k = 0",0,0,0);
	T = trans[0][558] = settr(557,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(557,2,555,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(557,2,557,0,0,"IF", 1, 2, 0);
	trans[0][555]	= settr(554,2,573,115,115,"((keeper==next))", 1, 2, 0); /* m: 556 -> 573,0 */
	reached0[556] = 1;
	trans[0][556]	= settr(0,0,0,0,0,"keeper = 255",0,0,0);
	trans[0][559]	= settr(558,2,560,1,0,".(goto)", 1, 2, 0); /* m: 560 -> 0,573 */
	reached0[560] = 1;
	trans[0][557]	= settr(556,2,560,2,0,"else", 1, 2, 0);
	trans[0][560]	= settr(559,2,573,116,116,"granted[next] = 1", 1, 2, 0); /* m: 561 -> 0,573 */
	reached0[561] = 1;
	trans[0][561]	= settr(0,0,0,0,0,"holder = next",0,0,0);
	trans[0][562]	= settr(0,0,0,0,0,"drop = 0",0,0,0);
	T = trans[ 0][573] = settr(572,0,0,0,0,"sub-sequence", 1, 2, 0);
	T->nxt	= settr(572,0,563,0,0,"sub-sequence", 1, 2, 0);
	trans[0][563]	= settr(562,2,569,117,117,"k = 0", 1, 2, 0);
	trans[0][570]	= settr(569,2,569,1,0,".(goto)", 1, 2, 0);
	T = trans[0][569] = settr(568,2,0,0,0,"DO", 1, 2, 0);
	T = T->nxt	= settr(568,2,564,0,0,"DO", 1, 2, 0);
	    T->nxt	= settr(568,2,567,0,0,"DO", 1, 2, 0);
	trans[0][564]	= settr(563,2,569,118,118,"((k<3))", 1, 2, 0); /* m: 565 -> 569,0 */
	reached0[565] = 1;
	trans[0][565]	= settr(0,0,0,0,0,"taken[k] = 1",0,0,0);
	trans[0][566]	= settr(0,0,0,0,0,"k = (k+1)",0,0,0);
	trans[0][567]	= settr(566,2,572,2,0,"else", 1, 2, 0);
	trans[0][568]	= settr(567,2,572,1,0,"goto :b25", 1, 2, 0); /* m: 572 -> 0,593 */
	reached0[572] = 1;
	trans[0][571]	= settr(570,2,572,1,0,"break", 1, 2, 0);
	trans[0][572]	= settr(571,4,593,119,119,"k = 0", 1, 2, 0); /* m: 574 -> 0,593 */
	reached0[574] = 1;
	trans[0][574]	= settr(0,0,0,0,0,"signal[next] = 1",0,0,0);
	trans[0][575]	= settr(0,0,0,0,0,"next = 255",0,0,0);
	trans[0][579]	= settr(578,4,593,120,120,".(goto)", 1, 2, 0); /* m: 587 -> 0,593 */
	reached0[587] = 1;
	trans[0][577]	= settr(576,2,579,2,0,"else", 1, 2, 0);
	trans[0][580]	= settr(579,2,584,2,0,"else", 1, 2, 0);
	T = trans[0][584] = settr(583,2,0,0,0,"IF", 1, 2, 0);
	T = T->nxt	= settr(583,2,581,0,0,"IF", 1, 2, 0);
	    T->nxt	= settr(583,2,583,0,0,"IF", 1, 2, 0);
	trans[0][581]	= settr(580,4,593,121,121,"(((keeper==i)&&looked))", 1, 2, 0); /* m: 582 -> 593,0 */
	reached0[582] = 1;
	trans[0][582]	= settr(0,0,0,0,0,"drop = 1",0,0,0);
	trans[0][585]	= settr(584,4,593,122,122,".(goto)", 1, 2, 0); /* m: 587 -> 0,593 */
	reached0[587] = 1;
	trans[0][583]	= settr(582,2,585,2,0,"else", 1, 2, 0);
	T = trans[0][593] = settr(592,0,0,0,0,"IF", 0, 2, 0);
	T = T->nxt	= settr(592,0,589,0,0,"IF", 0, 2, 0);
	    T->nxt	= settr(592,0,592,0,0,"IF", 0, 2, 0);
	trans[0][589]	= settr(588,0,590,123,0,"(granted[i])", 1, 2, 0);
	trans[0][590]	= settr(589,0,632,124,124,"granted[i] = 0", 1, 2, 0);
	trans[0][591]	= settr(590,0,632,1,0,"goto :b19", 0, 2, 0);
	trans[0][594]	= settr(593,0,615,1,0,".(goto)", 0, 2, 0);
	trans[0][592]	= settr(591,0,615,2,0,"else", 0, 2, 0);
/*->*/	trans[0][615]	= settr(614,32,617,125,125,"D_STEP116", 1, 2, 0);
	T = trans[ 0][617] = settr(616,0,0,0,0,"sub-sequence", 0, 2, 0);
	T->nxt	= settr(616,0,616,0,0,"sub-sequence", 0, 2, 0);
	trans[0][616]	= settr(615,0,623,126,126,"mtx = 0", 1, 2, 0);
	T = trans[0][623] = settr(622,0,0,0,0,"IF", 0, 2, 0);
	T = T->nxt	= settr(622,0,618,0,0,"IF", 0, 2, 0);
	T = T->nxt	= settr(622,0,619,0,0,"IF", 0, 2, 0);
	    T->nxt	= settr(622,0,621,0,0,"IF", 0, 2, 0);
	trans[0][618]	= settr(617,0,628,127,0,"(signal[i])", 1, 2, 0);
	trans[0][624]	= settr(623,0,628,1,0,".(goto)", 0, 2, 0);
	trans[0][619]	= settr(618,0,620,128,0,"((keeper==i))", 1, 2, 0);
	trans[0][620]	= settr(619,0,628,129,129,"stale = 0", 1, 2, 0);
	trans[0][621]	= settr(620,0,622,130,130,"(raised)", 0, 2, 0);
	trans[0][622]	= settr(621,0,628,131,131,"stale = 0", 1, 2, 0);
	T = trans[ 0][628] = settr(627,0,0,0,0,"sub-sequence", 0, 2, 0);
	T->nxt	= settr(627,0,627,0,0,"sub-sequence", 0, 2, 0);
	T = trans[ 0][627] = settr(626,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(626,2,625,0,0,"ATOMIC", 1, 2, 0);
	trans[0][625]	= settr(624,0,629,132,132,"((mtx==0))", 1, 2, 0); /* m: 626 -> 629,0 */
	reached0[626] = 1;
	trans[0][626]	= settr(0,0,0,0,0,"mtx = 1",0,0,0);
	trans[0][631]	= settr(630,0,632,1,0,"break", 0, 2, 0);
	trans[0][632]	= settr(631,0,660,133,133,"waiting[i] = 0", 1, 2, 0);
	T = trans[ 0][660] = settr(659,0,0,0,0,"sub-sequence", 0, 2, 0);
	T->nxt	= settr(659,0,657,0,0,"sub-sequence", 0, 2, 0);
/*->*/	trans[0][657]	= settr(656,32,659,134,134,"D_STEP136", 1, 2, 0);
	T = trans[ 0][659] = settr(658,0,0,0,0,"sub-sequence", 0, 2, 0);
	T->nxt	= settr(658,0,658,0,0,"sub-sequence", 0, 2, 0);
	trans[0][658]	= settr(657,0,238,135,135,"mtx = 0", 1, 2, 0);
	trans[0][661]	= settr(660,0,238,1,0,"goto use", 0, 2, 0);
	trans[0][668]	= settr(667,0,672,1,0,"break", 0, 2, 0);
	T = trans[ 0][672] = settr(671,0,0,0,0,"sub-sequence", 0, 2, 0);
	T->nxt	= settr(671,0,671,0,0,"sub-sequence", 0, 2, 0);
	T = trans[ 0][671] = settr(670,2,0,0,0,"ATOMIC", 1, 2, 0);
	T->nxt	= settr(670,2,669,0,0,"ATOMIC", 1, 2, 0);
	trans[0][669]	= settr(668,4,688,136,136,"((mtx==0))", 1, 2, 0); /* m: 670 -> 688,0 */
	reached0[670] = 1;
	trans[0][670]	= settr(0,0,0,0,0,"mtx = 1",0,0,0);
/*->*/	trans[0][688]	= settr(687,32,690,137,137,"D_STEP219", 1, 2, 0);
	T = trans[ 0][690] = settr(689,0,0,0,0,"sub-sequence", 0, 2, 0);
	T->nxt	= settr(689,0,689,0,0,"sub-sequence", 0, 2, 0);
	trans[0][689]	= settr(688,0,691,138,138,"mtx = 0", 1, 2, 0);
	trans[0][691]	= settr(690,0,0,139,139,"-end-", 0, 3500, 0);
	/* np_ demon: */
	trans[_NP_] = (Trans **) emalloc(3*sizeof(Trans *));
	T = trans[_NP_][0] = settr(9997,0,1,_T5,0,"(np_)", 1,2,0);
	    T->nxt	  = settr(9998,0,0,_T2,0,"(1)",   0,2,0);
	T = trans[_NP_][1] = settr(9999,0,1,_T5,0,"(np_)", 1,2,0);
}

Trans *
settr(	int t_id, int a, int b, int c, int d,
	char *t, int g, int tpe0, int tpe1)
{	Trans *tmp = (Trans *) emalloc(sizeof(Trans));

	tmp->atom  = a&(6|32);	/* only (2|8|32) have meaning */
	if (!g) tmp->atom |= 8;	/* no global references */
	tmp->st    = b;
	tmp->tpe[0] = tpe0;
	tmp->tpe[1] = tpe1;
	tmp->tp    = t;
	tmp->t_id  = t_id;
	tmp->forw  = c;
	tmp->back  = d;
	return tmp;
}

Trans *
cpytr(Trans *a)
{	Trans *tmp = (Trans *) emalloc(sizeof(Trans));

	int i;
	tmp->atom  = a->atom;
	tmp->st    = a->st;
#ifdef HAS_UNLESS
	tmp->e_trans = a->e_trans;
	for (i = 0; i < HAS_UNLESS; i++)
		tmp->escp[i] = a->escp[i];
#endif
	tmp->tpe[0] = a->tpe[0];
	tmp->tpe[1] = a->tpe[1];
	for (i = 0; i < 6; i++)
	{	tmp->qu[i] = a->qu[i];
		tmp->ty[i] = a->ty[i];
	}
	tmp->tp    = (char *) emalloc(strlen(a->tp)+1);
	strcpy(tmp->tp, a->tp);
	tmp->t_id  = a->t_id;
	tmp->forw  = a->forw;
	tmp->back  = a->back;
	return tmp;
}

#ifndef NOREDUCE
int
srinc_set(int n)
{	if (n <= 2) return LOCAL;
	if (n <= 2+  DELTA) return Q_FULL_F; /* 's' or nfull  */
	if (n <= 2+2*DELTA) return Q_EMPT_F; /* 'r' or nempty */
	if (n <= 2+3*DELTA) return Q_EMPT_T; /* empty */
	if (n <= 2+4*DELTA) return Q_FULL_T; /* full  */
	if (n ==   5*DELTA) return GLOBAL;
	if (n ==   6*DELTA) return TIMEOUT_F;
	if (n ==   7*DELTA) return ALPHA_F;
	Uerror("cannot happen srinc_class");
	return BAD;
}
int
srunc(int n, int m)
{	switch(m) {
	case Q_FULL_F: return n-2;
	case Q_EMPT_F: return n-2-DELTA;
	case Q_EMPT_T: return n-2-2*DELTA;
	case Q_FULL_T: return n-2-3*DELTA;
	case ALPHA_F:
	case TIMEOUT_F: return 257; /* non-zero, and > MAXQ */
	}
	Uerror("cannot happen srunc");
	return 0;
}
#endif
int cnt;
#ifdef HAS_UNLESS
int
isthere(Trans *a, int b)
{	Trans *t;
	for (t = a; t; t = t->nxt)
		if (t->t_id == b)
			return 1;
	return 0;
}
#endif
#ifndef NOREDUCE
int
mark_safety(Trans *t) /* for conditional safety */
{	int g = 0, i, j, k;

	if (!t) return 0;
	if (t->qu[0])
		return (t->qu[1])?2:1;	/* marked */

	for (i = 0; i < 2; i++)
	{	j = srinc_set(t->tpe[i]);
		if (j >= GLOBAL && j != ALPHA_F)
			return -1;
		if (j != LOCAL)
		{	k = srunc(t->tpe[i], j);
			if (g == 0
			||  t->qu[0] != k
			||  t->ty[0] != j)
			{	t->qu[g] = k;
				t->ty[g] = j;
				g++;
	}	}	}
	return g;
}
#endif
void
retrans(int n, int m, int is, short srcln[], uchar reach[], uchar lpstate[])
	/* process n, with m states, is=initial state */
{	Trans *T0, *T1, *T2, *T3;
	Trans *T4, *T5; /* t_reverse or has_unless */
	int i;
#if defined(HAS_UNLESS) || !defined(NOREDUCE)
	int k;
#endif
#ifndef NOREDUCE
	int g, h, j, aa;
#endif
#ifdef HAS_UNLESS
	int p;
#endif
	if (state_tables >= 4)
	{	printf("STEP 1 %s\n", 
			procname[n]);
		for (i = 1; i < m; i++)
		for (T0 = trans[n][i]; T0; T0 = T0->nxt)
			crack(n, i, T0, srcln);
		return;
	}
	do {
		for (i = 1, cnt = 0; i < m; i++)
		{	T2 = trans[n][i];
			T1 = T2?T2->nxt:(Trans *)0;
/* prescan: */		for (T0 = T1; T0; T0 = T0->nxt)
/* choice in choice */	{	if (T0->st && trans[n][T0->st]
				&&  trans[n][T0->st]->nxt)
					break;
			}
#if 0
		if (T0)
		printf("\tstate %d / %d: choice in choice\n",
		i, T0->st);
#endif
			if (T0)
			for (T0 = T1; T0; T0 = T0->nxt)
			{	T3 = trans[n][T0->st];
				if (!T3->nxt)
				{	T2->nxt = cpytr(T0);
					T2 = T2->nxt;
					imed(T2, T0->st, n, i);
					continue;
				}
				do {	T3 = T3->nxt;
					T2->nxt = cpytr(T3);
					T2 = T2->nxt;
					imed(T2, T0->st, n, i);
				} while (T3->nxt);
				cnt++;
			}
		}
	} while (cnt);
	if (state_tables >= 3)
	{	printf("STEP 2 %s\n", 
			procname[n]);
		for (i = 1; i < m; i++)
		for (T0 = trans[n][i]; T0; T0 = T0->nxt)
			crack(n, i, T0, srcln);
		return;
	}
	for (i = 1; i < m; i++)
	{	if (trans[n][i] && trans[n][i]->nxt) /* optimize */
		{	T1 = trans[n][i]->nxt;
#if 0
			printf("\t\tpull %d (%d) to %d\n",
			T1->st, T1->forw, i);
#endif
			srcln[i] = srcln[T1->st];	/* Oyvind Teig, 5.2.0 */

			if (!trans[n][T1->st]) continue;
			T0 = cpytr(trans[n][T1->st]);
			trans[n][i] = T0;
			reach[T1->st] = 1;
			imed(T0, T1->st, n, i);
			for (T1 = T1->nxt; T1; T1 = T1->nxt)
			{
#if 0
			printf("\t\tpull %d (%d) to %d\n",
				T1->st, T1->forw, i);
#endif
		/*		srcln[i] = srcln[T1->st];  gh: not useful */
				if (!trans[n][T1->st]) continue;
				T0->nxt = cpytr(trans[n][T1->st]);
				T0 = T0->nxt;
				reach[T1->st] = 1;
				imed(T0, T1->st, n, i);
	}	}	}
	if (state_tables >= 2)
	{	printf("STEP 3 %s\n", 
			procname[n]);
		for (i = 1; i < m; i++)
		for (T0 = trans[n][i]; T0; T0 = T0->nxt)
			crack(n, i, T0, srcln);
		return;
	}
#ifdef HAS_UNLESS
	for (i = 1; i < m; i++)
	{	if (!trans[n][i]) continue;
		/* check for each state i if an
		 * escape to some state p is defined
		 * if so, copy and mark p's transitions
		 * and prepend them to the transition-
		 * list of state i
		 */
	 if (!like_java) /* the default */
	 {	for (T0 = trans[n][i]; T0; T0 = T0->nxt)
		for (k = HAS_UNLESS-1; k >= 0; k--)
		{	if (p = T0->escp[k])
			for (T1 = trans[n][p]; T1; T1 = T1->nxt)
			{	if (isthere(trans[n][i], T1->t_id))
					continue;
				T2 = cpytr(T1);
				T2->e_trans = p;
				T2->nxt = trans[n][i];
				trans[n][i] = T2;
		}	}
	 } else /* outermost unless checked first */
	 {	T4 = T3 = (Trans *) 0;
		for (T0 = trans[n][i]; T0; T0 = T0->nxt)
		for (k = HAS_UNLESS-1; k >= 0; k--)
		{	if (p = T0->escp[k])
			for (T1 = trans[n][p]; T1; T1 = T1->nxt)
			{	if (isthere(trans[n][i], T1->t_id))
					continue;
				T2 = cpytr(T1);
				T2->nxt = (Trans *) 0;
				T2->e_trans = p;
				if (T3)	T3->nxt = T2;
				else	T4 = T2;
				T3 = T2;
		}	}
		if (T4)
		{	T3->nxt = trans[n][i];
			trans[n][i] = T4;
		}
	 }
	}
#endif
#ifndef NOREDUCE
	for (i = 1; i < m; i++)
	{	if (a_cycles)
		{ /* moves through these states are visible */
	#if PROG_LAB>0 && defined(HAS_NP)
			if (progstate[n][i])
				goto degrade;
			for (T1 = trans[n][i]; T1; T1 = T1->nxt)
				if (progstate[n][T1->st])
					goto degrade;
	#endif
			if (accpstate[n][i] || visstate[n][i])
				goto degrade;
			for (T1 = trans[n][i]; T1; T1 = T1->nxt)
				if (accpstate[n][T1->st])
					goto degrade;
		}
		T1 = trans[n][i];
		if (!T1) continue;
		g = mark_safety(T1);	/* V3.3.1 */
		if (g < 0) goto degrade; /* global */
		/* check if mixing of guards preserves reduction */
		if (T1->nxt)
		{	k = 0;
			for (T0 = T1; T0; T0 = T0->nxt)
			{	if (!(T0->atom&8))
					goto degrade;
				for (aa = 0; aa < 2; aa++)
				{	j = srinc_set(T0->tpe[aa]);
					if (j >= GLOBAL && j != ALPHA_F)
						goto degrade;
					if (T0->tpe[aa]
					&&  T0->tpe[aa]
					!=  T1->tpe[0])
						k = 1;
			}	}
			/* g = 0;	V3.3.1 */
			if (k)	/* non-uniform selection */
			for (T0 = T1; T0; T0 = T0->nxt)
			for (aa = 0; aa < 2; aa++)
			{	j = srinc_set(T0->tpe[aa]);
				if (j != LOCAL)
				{	k = srunc(T0->tpe[aa], j);
					for (h = 0; h < 6; h++)
						if (T1->qu[h] == k
						&&  T1->ty[h] == j)
							break;
					if (h >= 6)
					{	T1->qu[g%6] = k;
						T1->ty[g%6] = j;
						g++;
			}	}	}
			if (g > 6)
			{	T1->qu[0] = 0;	/* turn it off */
				printf("pan: warning, line %d, ",
					srcln[i]);
			 	printf("too many stmnt types (%d)",
					g);
			  	printf(" in selection\n");
			  goto degrade;
			}
		}
		/* mark all options global if >=1 is global */
		for (T1 = trans[n][i]; T1; T1 = T1->nxt)
			if (!(T1->atom&8)) break;
		if (T1)
degrade:	for (T1 = trans[n][i]; T1; T1 = T1->nxt)
			T1->atom &= ~8;	/* mark as unsafe */
		/* can only mix 'r's or 's's if on same chan */
		/* and not mixed with other local operations */
		T1 = trans[n][i];
		if (!T1 || T1->qu[0]) continue;
		j = T1->tpe[0];
		if (T1->nxt && T1->atom&8)
		{ if (j == 5*DELTA)
		  {	printf("warning: line %d ", srcln[i]);
			printf("mixed condition ");
			printf("(defeats reduction)\n");
			goto degrade;
		  }
		  for (T0 = T1; T0; T0 = T0->nxt)
		  for (aa = 0; aa < 2; aa++)
		  if  (T0->tpe[aa] && T0->tpe[aa] != j)
		  {	printf("warning: line %d ", srcln[i]);
			printf("[%d-%d] mixed %stion ",
				T0->tpe[aa], j, 
				(j==5*DELTA)?"condi":"selec");
			printf("(defeats reduction)\n");
			printf("	'%s' <-> '%s'\n",
				T1->tp, T0->tp);
			goto degrade;
		} }
	}
#endif
	for (i = 1; i < m; i++)
	{	T2 = trans[n][i];
		if (!T2
		||  T2->nxt
		||  strncmp(T2->tp, ".(goto)", 7)
		||  !stopstate[n][i])
			continue;
		stopstate[n][T2->st] = 1;
	}
	if (state_tables && !verbose)
	{	if (dodot)
		{	char buf[256], *q = buf, *p = procname[n];
			while (*p != '\0')
			{	if (*p != ':')
				{	*q++ = *p;
				}
				p++;
			}
			*q = '\0';
			printf("digraph ");
			switch (Btypes[n]) {
			case I_PROC:  printf("init {\n"); break;
			case N_CLAIM: printf("claim_%s {\n", buf); break;
			case E_TRACE: printf("notrace {\n"); break;
			case N_TRACE: printf("trace {\n"); break;
			default:      printf("p_%s {\n", buf); break;
			}
			printf("size=\"8,10\";\n");
			printf("  GT [shape=box,style=dotted,label=\"%s\"];\n", buf);
			printf("  GT -> S%d;\n", is);
		} else
		{	switch (Btypes[n]) {
			case I_PROC:  printf("init\n"); break;
			case N_CLAIM: printf("claim %s\n", procname[n]); break;
			case E_TRACE: printf("notrace assertion\n"); break;
			case N_TRACE: printf("trace assertion\n"); break;
			default:      printf("proctype %s\n", procname[n]); break;
		}	}
		for (i = 1; i < m; i++)
		{	reach[i] = 1;
		}
		tagtable(n, m, is, srcln, reach);
		if (dodot) printf("}\n");
	} else
	for (i = 1; i < m; i++)
	{	int nrelse;
		if (Btypes[n] != N_CLAIM)
		{	for (T0 = trans[n][i]; T0; T0 = T0->nxt)
			{	if (T0->st == i
				&& strcmp(T0->tp, "(1)") == 0)
				{	printf("error: proctype '%s' ",
						procname[n]);
		  			printf("line %d, state %d: has un",
						srcln[i], i);
					printf("conditional self-loop\n");
					pan_exit(1);
		}	}	}
		nrelse = 0;
		for (T0 = trans[n][i]; T0; T0 = T0->nxt)
		{	if (strcmp(T0->tp, "else") == 0)
				nrelse++;
		}
		if (nrelse > 1)
		{	printf("error: proctype '%s' state",
				procname[n]);
		  	printf(" %d, inherits %d", i, nrelse);
		  	printf(" 'else' stmnts\n");
			pan_exit(1);
	}	}
#if !defined(LOOPSTATE) && !defined(BFS_PAR)
	if (state_tables)
#endif
	do_dfs(n, m, is, srcln, reach, lpstate);

	if (!t_reverse)
	{	return;
	}
	/* process n, with m states, is=initial state -- reverse list */
	if (!state_tables && Btypes[n] != N_CLAIM)
	{	for (i = 1; i < m; i++)
		{	Trans *Tx = (Trans *) 0; /* list of escapes */
			Trans *Ty = (Trans *) 0; /* its tail element */
			T1 = (Trans *) 0; /* reversed list */
			T2 = (Trans *) 0; /* its tail */
			T3 = (Trans *) 0; /* remembers possible 'else' */

			/* find unless-escapes, they should go first */
			T4 = T5 = T0 = trans[n][i];
	#ifdef HAS_UNLESS
			while (T4 && T4->e_trans) /* escapes are first in orig list */
			{	T5 = T4;	  /* remember predecessor */
				T4 = T4->nxt;
			}
	#endif
			/* T4 points to first non-escape, T5 to its parent, T0 to original list */
			if (T4 != T0)		 /* there was at least one escape */
			{	T3 = T5->nxt;		 /* start of non-escapes */
				T5->nxt = (Trans *) 0;	 /* separate */
				Tx = T0;		 /* start of the escapes */
				Ty = T5;		 /* its tail */
				T0 = T3;		 /* the rest, to be reversed */
			}
			/* T0 points to first non-escape, Tx to the list of escapes, Ty to its tail */

			/* first tail-add non-escape transitions, reversed */
			T3 = (Trans *) 0;
			for (T5 = T0; T5; T5 = T4)
			{	T4 = T5->nxt;
	#ifdef HAS_UNLESS
				if (T5->e_trans)
				{	printf("error: cannot happen!\n");
					continue;
				}
	#endif
				if (strcmp(T5->tp, "else") == 0)
				{	T3 = T5;
					T5->nxt = (Trans *) 0;
				} else
				{	T5->nxt = T1;
					if (!T1) { T2 = T5; }
					T1 = T5;
			}	}
			/* T3 points to a possible else, which is removed from the list */
			/* T1 points to the reversed list so far (without escapes) */
			/* T2 points to the tail element -- where the else should go */
			if (T2 && T3)
			{	T2->nxt = T3;	/* add else */
			} else
			{	if (T3) /* there was an else, but there's no tail */
				{	if (!T1)	/* and no reversed list */
					{	T1 = T3; /* odd, but possible */
					} else		/* even stranger */
					{	T1->nxt = T3;
			}	}	}

			/* add in the escapes, to that they appear at the front */
			if (Tx && Ty) { Ty->nxt = T1; T1 = Tx; }

			trans[n][i] = T1;
			/* reversed, with escapes first and else last */
	}	}
	if (state_tables && verbose)
	{	printf("FINAL proctype %s\n", 
			procname[n]);
		for (i = 1; i < m; i++)
		for (T0 = trans[n][i]; T0; T0 = T0->nxt)
			crack(n, i, T0, srcln);
	}
}
void
imed(Trans *T, int v, int n, int j)	/* set intermediate state */
{	progstate[n][T->st] |= progstate[n][v];
	accpstate[n][T->st] |= accpstate[n][v];
	stopstate[n][T->st] |= stopstate[n][v];
	mapstate[n][j] = T->st;
}
void
tagtable(int n, int m, int is, short srcln[], uchar reach[])
{	Trans *z;

	if (is >= m || !trans[n][is]
	||  is <= 0 || reach[is] == 0)
		return;
	reach[is] = 0;
	if (state_tables)
	for (z = trans[n][is]; z; z = z->nxt)
	{	if (dodot)
			dot_crack(n, is, z);
		else
			crack(n, is, z, srcln);
	}

	for (z = trans[n][is]; z; z = z->nxt)
	{
#ifdef HAS_UNLESS
		int i, j;
#endif
		tagtable(n, m, z->st, srcln, reach);
#ifdef HAS_UNLESS
		for (i = 0; i < HAS_UNLESS; i++)
		{	j = trans[n][is]->escp[i];
			if (!j) break;
			tagtable(n, m, j, srcln, reach);
		}
#endif
	}
}

extern Trans *t_id_lkup[];

void
dfs_table(int n, int m, int is, short srcln[], uchar reach[], uchar lpstate[])
{	Trans *z;

	if (is >= m || is <= 0 || !trans[n][is])
		return;
	if ((reach[is] & (4|8|16)) != 0)
	{	if ((reach[is] & (8|16)) == 16)	/* on stack, not yet recorded */
		{	lpstate[is] = 1;
			reach[is] |= 8; /* recorded */
			if (state_tables && verbose)
			{	printf("state %d line %d is a loopstate\n", is, srcln[is]);
		}	}
		return;
	}
	reach[is] |= (4|16);	/* visited | onstack */
	for (z = trans[n][is]; z; z = z->nxt)
	{	t_id_lkup[z->t_id] = z;
#ifdef HAS_UNLESS
		int i, j;
#endif
		dfs_table(n, m, z->st, srcln, reach, lpstate);
#ifdef HAS_UNLESS
		for (i = 0; i < HAS_UNLESS; i++)
		{	j = trans[n][is]->escp[i];
			if (!j) break;
			dfs_table(n, m, j, srcln, reach, lpstate);
		}
#endif
	}
	reach[is] &= ~16; /* no longer on stack */
}
void
do_dfs(int n, int m, int is, short srcln[], uchar reach[], uchar lpstate[])
{	int i;
	dfs_table(n, m, is, srcln, reach, lpstate);
	for (i = 0; i < m; i++)
		reach[i] &= ~(4|8|16);
}
void
crack(int n, int j, Trans *z, short srcln[])
{	int i;

	if (!z) return;
	printf("	state %3d -(tr %3d)-> state %3d  ",
		j, z->forw, z->st);
	printf("[id %3d tp %3d", z->t_id, z->tpe[0]);
	if (z->tpe[1]) printf(",%d", z->tpe[1]);
#ifdef HAS_UNLESS
	if (z->e_trans)
		printf(" org %3d", z->e_trans);
	else if (state_tables >= 2)
	for (i = 0; i < HAS_UNLESS; i++)
	{	if (!z->escp[i]) break;
		printf(" esc %d", z->escp[i]);
	}
#endif
	printf("]");
	printf(" [%s%s%s%s%s] %s:%d => ",
		z->atom&6?"A":z->atom&32?"D":"-",
		accpstate[n][j]?"a" :"-",
		stopstate[n][j]?"e" : "-",
		progstate[n][j]?"p" : "-",
		z->atom & 8 ?"L":"G",
		PanSource, srcln[j]);
	for (i = 0; z->tp[i]; i++)
		if (z->tp[i] == '\n')
			printf("\\n");
		else
			putchar(z->tp[i]);
	if (verbose && z->qu[0])
	{	printf("\t[");
		for (i = 0; i < 6; i++)
			if (z->qu[i])
				printf("(%d,%d)",
				z->qu[i], z->ty[i]);
		printf("]");
	}
	printf("\n");
	fflush(stdout);
}
/* spin -a m.pml; cc -o pan pan.c; ./pan -D | dot -Tps > foo.ps; ps2pdf foo.ps */
void
dot_crack(int n, int j, Trans *z)
{	int i;

	if (!z) return;
	printf("	S%d -> S%d  [color=black", j, z->st);

	if (z->atom&6) printf(",style=dashed");
	else if (z->atom&32) printf(",style=dotted");
	else if (z->atom&8) printf(",style=solid");
	else printf(",style=bold");

	printf(",label=\"");
	for (i = 0; z->tp[i]; i++)
	{	if (z->tp[i] == '\\'
		&&  z->tp[i+1] == 'n')
		{	i++; printf(" ");
		} else
		{	putchar(z->tp[i]);
	}	}
	printf("\"];\n");
	if (accpstate[n][j]) printf("  S%d [color=red,style=bold];\n", j);
	else if (progstate[n][j]) printf("  S%d [color=green,style=bold];\n", j);
	if (stopstate[n][j]) printf("  S%d [color=blue,style=bold,shape=box];\n", j);
}

#ifdef VAR_RANGES
#define BYTESIZE	32	/* 2^8 : 2^3 = 256:8 = 32 */

typedef struct Vr_Ptr {
	char	*nm;
	uchar	vals[BYTESIZE];
	struct Vr_Ptr *nxt;
} Vr_Ptr;
Vr_Ptr *ranges = (Vr_Ptr *) 0;

void
logval(char *s, int v)
{	Vr_Ptr *tmp;

	if (v<0 || v > 255) return;
	for (tmp = ranges; tmp; tmp = tmp->nxt)
		if (!strcmp(tmp->nm, s))
			goto found;
	tmp = (Vr_Ptr *) emalloc(sizeof(Vr_Ptr));
	tmp->nxt = ranges;
	ranges = tmp;
	tmp->nm = s;
found:
	tmp->vals[(v)/8] |= 1<<((v)%8);
}

void
dumpval(uchar X[], int range)
{	int w, x, i, j = -1;

	for (w = i = 0; w < range; w++)
	for (x = 0; x < 8; x++, i++)
	{
from:		if ((X[w] & (1<<x)))
		{	printf("%d", i);
			j = i;
			goto upto;
	}	}
	return;
	for (w = 0; w < range; w++)
	for (x = 0; x < 8; x++, i++)
	{
upto:		if (!(X[w] & (1<<x)))
		{	if (i-1 == j)
				printf(", ");
			else
				printf("-%d, ", i-1);
			goto from;
	}	}
	if (j >= 0 && j != 255)
		printf("-255");
}

void
dumpranges(void)
{	Vr_Ptr *tmp;
	printf("\nValues assigned within ");
	printf("interval [0..255]:\n");
	for (tmp = ranges; tmp; tmp = tmp->nxt)
	{	printf("\t%s\t: ", tmp->nm);
		dumpval(tmp->vals, BYTESIZE);
		printf("\n");
	}
}
#endif
