-- Manual 3.3: what is not a program, with the exact message.
local T = require "harness"
T.exprs [====[
x --> nil
x = --> !?:1: unexpected symbol near <eof>
x = } --> !?:1: unexpected symbol near '}'
x y --> !?:1: syntax error near 'y'
f( --> !?:1: unexpected symbol near <eof>
f(1 --> !?:1: ')' expected near <eof>
f(1, --> !?:1: unexpected symbol near <eof>
f(1,) --> !?:1: unexpected symbol near ')'
(f) --> nil
(f).x --> !?:1: attempt to index a nil value (global 'f')
(f()) = 1 --> !?:1: syntax error near '='
f() = 1 --> !?:1: syntax error near '='
a.b:c = 1 --> !?:1: function arguments expected near '='
a:b --> !?:1: function arguments expected near <eof>
a. --> !?:1: <name> expected near <eof>
a: --> !?:1: <name> expected near <eof>
a[ --> !?:1: unexpected symbol near <eof>
a[1 --> !?:1: ']' expected near <eof>
a[1] --> !?:1: attempt to index a nil value (global 'a')
{} = 1 --> !?:1: unexpected symbol near '{'
"x" = 1 --> !?:1: unexpected symbol near '"x"'
"x":rep(2) --> !?:1: unexpected symbol near '"x"'
1 = 2 --> !?:1: unexpected symbol near '1'
nil = 1 --> !?:1: unexpected symbol near 'nil'
... = 1 --> !?:1: unexpected symbol near '...'
local --> !?:1: <name> expected near <eof>
local 1 --> !?:1: <name> expected near '1'
local x y --> !?:1: syntax error near <eof>
local x = --> !?:1: unexpected symbol near <eof>
local x, --> !?:1: <name> expected near <eof>
local x, 1 --> !?:1: <name> expected near '1'
local x.y = 1 --> !?:1: unexpected symbol near '.'
local function --> !?:1: <name> expected near <eof>
local function f --> !?:1: '(' expected near <eof>
local function f( --> !?:1: <name> or '...' expected near <eof>
local function f(a --> !?:1: ')' expected near <eof>
local function f(a, --> !?:1: <name> or '...' expected near <eof>
local function f(a,) --> !?:1: <name> or '...' expected near ')'
local function f(a b) end --> !?:1: ')' expected near 'b'
local function f(..., a) end --> !?:1: ')' expected near ','
local function f(...) --> !?:1: 'end' expected near <eof>
local function f() end end --> !?:1: <eof> expected near 'end'
local function a.b() end --> !?:1: '(' expected near '.'
function --> !?:1: <name> expected near <eof>
function f --> !?:1: '(' expected near <eof>
function f. --> !?:1: <name> expected near <eof>
function f: --> !?:1: <name> expected near <eof>
function f:a.b() end --> !?:1: '(' expected near '.'
function f:a:b() end --> !?:1: '(' expected near ':'
function f[1]() end --> !?:1: '(' expected near '['
function () end --> function
if --> !?:1: unexpected symbol near <eof>
if x --> !?:1: 'then' expected near <eof>
if x then --> !?:1: 'end' expected near <eof>
if x then else --> !?:1: 'end' expected near <eof>
if x then else elseif y then end --> !?:1: 'end' expected near 'elseif'
if x then elseif --> !?:1: unexpected symbol near <eof>
if x the --> !?:1: 'then' expected near 'the'
else --> !?:1: <eof> expected near 'else'
elseif --> !?:1: <eof> expected near 'elseif'
end --> !?:1: <eof> expected near 'end'
then --> !?:1: unexpected symbol near 'then'
do --> !?:1: 'end' expected near <eof>
do end end --> !?:1: <eof> expected near 'end'
do x = 1 --> !?:1: 'end' expected near <eof>
while --> !?:1: unexpected symbol near <eof>
while x --> !?:1: 'do' expected near <eof>
while x do --> !?:1: 'end' expected near <eof>
while x dp end --> !?:1: 'do' expected near 'dp'
repeat --> !?:1: 'until' expected near <eof>
repeat until --> !?:1: unexpected symbol near <eof>
repeat x = 1 --> !?:1: 'until' expected near <eof>
repeat until x x --> !?:1: syntax error near <eof>
for --> !?:1: <name> expected near <eof>
for i --> !?:1: '=' or 'in' expected near <eof>
for i = --> !?:1: unexpected symbol near <eof>
for i = 1 --> !?:1: ',' expected near <eof>
for i = 1, --> !?:1: unexpected symbol near <eof>
for i = 1, 2 --> !?:1: 'do' expected near <eof>
for i = 1, 2 do --> !?:1: 'end' expected near <eof>
for i = 1 do end --> !?:1: ',' expected near 'do'
for i = 1, 2, 3, 4 do end --> !?:1: 'do' expected near ','
for i, j = 1, 2 do end --> !?:1: 'in' expected near '='
for i in --> !?:1: unexpected symbol near <eof>
for i in x --> !?:1: 'do' expected near <eof>
for i in x do --> !?:1: 'end' expected near <eof>
for i, in x do end --> !?:1: <name> expected near 'in'
for 1 = 1, 2 do end --> !?:1: <name> expected near '1'
for i.j = 1, 2 do end --> !?:1: '=' or 'in' expected near '.'
for i of x do end --> !?:1: '=' or 'in' expected near 'of'
return return --> !?:1: unexpected symbol near 'return'
return x y --> !?:1: <eof> expected near 'y'
return 1, --> !?:1: unexpected symbol near <eof>
return x = --> !?:1: <eof> expected near '='
break --> !?:1: break outside loop at line 1
do break end --> !?:1: break outside loop at line 1
if x then break end --> !?:1: break outside loop at line 1
function f() break end --> !?:1: break outside loop at line 1
while 1 do function g() break end end --> !?:1: break outside loop at line 1
goto --> !?:1: <name> expected near <eof>
goto 1 --> !?:1: <name> expected near '1'
goto x --> !?:1: no visible label 'x' for <goto> at line 1
goto x; do ::x:: end --> !?:1: no visible label 'x' for <goto> at line 1
do goto x end; local a; ::x:: print(a) --> !?:1: <goto x> at line 1 jumps into the scope of local 'a'
goto x; local a; ::x:: a = 1 --> !?:1: <goto x> at line 1 jumps into the scope of local 'a'
goto x; local a; ::x:: -->
goto x; local a; ::x:: ;; -->
do goto x; local a; ::x:: end -->
repeat goto x; local a; ::x:: until a --> !?:1: <goto x> at line 1 jumps into the scope of local 'a'
repeat if y then goto x end; local a; ::x:: until a --> !?:1: <goto x> at line 1 jumps into the scope of local 'a'
::x:: ::x:: --> !?:1: label 'x' already defined on line 1
::x:: do ::x:: end --> !?:1: label 'x' already defined on line 1
::x:: goto x ::x:: --> !?:1: label 'x' already defined on line 1
:: --> !?:1: <name> expected near <eof>
::x --> !?:1: '::' expected near <eof>
::x: --> !?:1: '::' expected near ':'
:: 1 :: --> !?:1: <name> expected near '1'
::x:: function f() goto x end --> !?:1: no visible label 'x' for <goto> at line 1
local x <const> = 1; x = 2 --> !?:1: attempt to assign to const variable 'x'
local x <const> = 1; x = x --> !?:1: attempt to assign to const variable 'x'
local x <close> = nil; x = 2 --> !?:1: attempt to assign to const variable 'x'
local x <foo> = 1 --> !?:1: unknown attribute 'foo'
local x <const = 1 --> !?:1: '>' expected near '='
local x < = 1 --> !?:1: <name> expected near '='
local x <1> = 1 --> !?:1: <name> expected near '1'
local x <close>, y <close> = nil, nil --> !?:1: multiple to-be-closed variables in local list
local x <const>, y <close> = 1, nil -->
local x <const> = 1; function f() x = 2 end --> !?:1: attempt to assign to const variable 'x'
local x <const> = 1; local function f() return function() x = 2 end end --> !?:1: attempt to assign to const variable 'x'
local x <const>; x = 1 --> !?:1: attempt to assign to const variable 'x'
local x <const> = 1; function x() end --> !?:1: attempt to assign to const variable 'x'
local x <const> = 1; for x = 1, 2 do x = 3 end return x --> 1
local x <const> = {}; x.y = 1; return x.y --> 1
local x <const> = 1; local x = 2; x = 3; return x --> 3
local a <const>, b = 1, 2; b = 3; return b --> 3
local a <const>, b = 1, 2; a, b = 3, 4 --> !?:1: attempt to assign to const variable 'a'
local function f(x <const>) end --> !?:1: ')' expected near '<'
for i <const> = 1, 2 do end --> !?:1: '=' or 'in' expected near '<'
x = function --> !?:1: '(' expected near <eof>
x = function( --> !?:1: <name> or '...' expected near <eof>
x = function() --> !?:1: 'end' expected near <eof>
x = function f() end --> !?:1: '(' expected near 'f'
x = { --> !?:1: unexpected symbol near <eof>
x = {1 --> !?:1: '}' expected near <eof>
x = {1, --> !?:1: unexpected symbol near <eof>
x = {1 2} --> !?:1: '}' expected near '2'
x = {a=} --> !?:1: unexpected symbol near '}'
x = {[1} --> !?:1: ']' expected near '}'
x = {[1]} --> !?:1: '=' expected near '}'
x = {[1]=} --> !?:1: unexpected symbol near '}'
x = {=1} --> !?:1: unexpected symbol near '='
x = {1;2,3;}; return #x --> 3
x = {,} --> !?:1: unexpected symbol near ','
x = {;} --> !?:1: unexpected symbol near ';'
x = {1,,2} --> !?:1: unexpected symbol near ','
x = {a.b=1} --> !?:1: '}' expected near '='
x = {f=1, f=2}; return x.f --> 2
x = 1 + --> !?:1: unexpected symbol near <eof>
x = + 1 --> !?:1: unexpected symbol near '+'
x = 1 + * 2 --> !?:1: unexpected symbol near '*'
x = 1 - - 1 return x --> 2
x = not --> !?:1: unexpected symbol near <eof>
x = # --> !?:1: unexpected symbol near <eof>
x = - --> !?:1: unexpected symbol near <eof>
x = ~ --> !?:1: unexpected symbol near <eof>
x = 1 and --> !?:1: unexpected symbol near <eof>
x = or 1 --> !?:1: unexpected symbol near 'or'
x = (1 --> !?:1: ')' expected near <eof>
x = () --> !?:1: unexpected symbol near ')'
x = (1,2) --> !?:1: ')' expected near ','
x = 1) --> !?:1: unexpected symbol near ')'
x = ] --> !?:1: unexpected symbol near ']'
x = 2^ --> !?:1: unexpected symbol near <eof>
x = 1 .. --> !?:1: unexpected symbol near <eof>
x = a.1b --> !?:1: malformed number near '.1b'
x = a..b.. --> !?:1: unexpected symbol near <eof>
x += 1 --> !?:1: syntax error near '+'
x++ --> !?:1: syntax error near '+'
x = x++ --> !?:1: unexpected symbol near '+'
x == 1 --> false
x != 1 --> !?:1: syntax error near '!'
x ~= 1 --> true
!x --> !?:1: unexpected symbol near '!'
x = !y --> !?:1: unexpected symbol near '!'
x = a ? b : c --> !?:1: unexpected symbol near '?'
x, y = --> !?:1: unexpected symbol near <eof>
x, = 1 --> !?:1: unexpected symbol near '='
x, f() = 1, 2 --> !?:1: syntax error near '='
x, y --> nil, nil
x, 1 = 2 --> !?:1: unexpected symbol near '1'
, x = 1 --> !?:1: unexpected symbol near ','
function f(a, a) return a end return f(1, 2) --> 2
function f(self) end function f:g() return self end --> !?:1: attempt to index a function value (global 'f')
return function(...) return function() return ... end end --> !?:1: cannot use '...' outside a vararg function near '...'
function f() return ... end --> !?:1: cannot use '...' outside a vararg function near '...'
... -->
return ... -->
local x = ...; return x --> nil
type "a" "b" --> !?:1: attempt to call a string value
type {} {} --> !?:1: attempt to call a string value
type 1 --> !?:1: syntax error near '1'
type nil --> !?:1: syntax error near 'nil'
a.b.c.d --> !?:1: attempt to index a nil value (global 'a')
a "x".y = 1 --> !?:1: attempt to call a nil value (global 'a')
a"x" --> !?:1: attempt to call a nil value (global 'a')
a{}.b = 1 --> !?:1: attempt to call a nil value (global 'a')
f{} --> !?:1: attempt to call a nil value (global 'f')
f'' '' --> !?:1: attempt to call a nil value (global 'f')
f[[x]] = 1 --> !?:1: syntax error near '='
:: a :: :: b :: do return 1 end goto b --> 1
goto continue ::continue:: -->
while true do goto done end ::done:: return 4 --> 4
local break_ = 1 return break_ --> 1
and --> !?:1: unexpected symbol near 'and'
not --> !?:1: unexpected symbol near 'not'
or --> !?:1: unexpected symbol near 'or'
return and --> !?:1: unexpected symbol near 'and'
return then --> !?:1: unexpected symbol near 'then'
x = end --> !?:1: unexpected symbol near 'end'
x = nil.y --> !?:1: unexpected symbol near '.'
x = (nil).y --> !?:1: attempt to index a nil value
x = true.y --> !?:1: unexpected symbol near '.'
x = 1.y --> !?:1: malformed number near '1.y'
x = "a".y --> !?:1: unexpected symbol near '.'
x = {}.y --> !?:1: unexpected symbol near '.'
x = ({}).y -->
x = ("a").y -->
x = (function() end).y --> !?:1: attempt to index a function value
x = function() end.y --> !?:1: unexpected symbol near '.'
local t = setmetatable({}, {}) t.x = t.y.z --> !?:1: attempt to index a nil value (field 'y')
return 1,2, --> !?:1: unexpected symbol near <eof>
if a then return end return 3 --> 3
do return 4 end --> 4
do return 4 end return 5 --> 4
while true do return 6 end --> 6
do return end x = 1 return x -->
for i = 1, 2 do return i end --> 1
repeat return 7 until true --> 7
goto l1; do goto l2 end ::l1:: ::l2:: return 8 --> 8
<const> --> !?:1: unexpected symbol near '<'
local <const> x = 1 --> !?:1: <name> expected near '<'
local x<close> -->
local function f<const>() end --> !?:1: '(' expected near '<'
function f() local a <close> = 1 end -->
return 1 << 2 <const> --> !?:1: unexpected symbol near <eof>
]====]
-- the text that "near" quotes
T.eq(select(2, load("x = 'abc' 'def'", "=n")), "n:1: unexpected symbol near ''def''")
T.eq(select(2, load("x = 12 34", "=n")), "n:1: unexpected symbol near '34'")
T.eq(select(2, load("x = 1 12.50", "=n")), "n:1: unexpected symbol near '12.50'")
T.eq(select(2, load("x = 1 0x1F", "=n")), "n:1: unexpected symbol near '0x1F'")
T.eq(select(2, load("x = 1 [[ab\ncd]]", "=n")), "n:2: unexpected symbol near '[[ab\ncd]]'")
T.eq(select(2, load("if x then\n\n\nfoo(", "=n")), "n:4: unexpected symbol near <eof>")
T.eq(select(2, load("if x then\n\n\ny = 1", "=n")), "n:4: 'end' expected (to close 'if' at line 1) near <eof>")
T.eq(select(2, load("f(\n1,\n2", "=n")), "n:3: ')' expected (to close '(' at line 1) near <eof>")
T.eq(select(2, load("x = {\n1,\n2", "=n")), "n:3: '}' expected (to close '{' at line 1) near <eof>")
T.eq(select(2, load("function f()\n\n", "=n")), "n:3: 'end' expected (to close 'function' at line 1) near <eof>")
T.eq(select(2, load("repeat\n\n", "=n")), "n:3: 'until' expected (to close 'repeat' at line 1) near <eof>")
T.eq(select(2, load("for i=1,2 do\n", "=n")), "n:2: 'end' expected (to close 'for' at line 1) near <eof>")
T.eq(select(2, load("while x do\n", "=n")), "n:2: 'end' expected (to close 'while' at line 1) near <eof>")
T.eq(select(2, load("do\n", "=n")), "n:2: 'end' expected (to close 'do' at line 1) near <eof>")
T.eq(select(2, load("goto l1\n\n", "=n")), "n:3: no visible label 'l1' for <goto> at line 1")
T.eq(select(2, load("\n\nbreak\n\n", "=n")), "n:5: break outside loop at line 3")
T.eq(select(2, load("::a::\n\n::a::", "=n")), "n:3: label 'a' already defined on line 3")
T.eq(select(2, load("do goto l\nlocal a\n::l:: a=1 end", "=n")), "n:3: <goto l> at line 1 jumps into the scope of local 'a'")
T.eq(select(2, load("f\n(1)\n= 2", "=n")), "n:3: syntax error near '='")
T.eq(load("local function f(x) return function(y) return x, y end end\nreturn f\n(1)\n(2)")(), 1)
-- chunk names in messages
T.eq(select(2, load("x =", "x =")), '[string "x ="]:1: unexpected symbol near <eof>')
T.eq(select(2, load("x =", "@file.lua")), 'file.lua:1: unexpected symbol near <eof>')
T.eq(select(2, load("x =", "=stdin")), 'stdin:1: unexpected symbol near <eof>')
T.eq(select(2, load("x =\n", "x =\n")), '[string "x =..."]:2: unexpected symbol near <eof>')
T.eq(select(2, load("x =")), '[string "x ="]:1: unexpected symbol near <eof>')
T.eq(select(2, load("x =", "")), '[string ""]:1: unexpected symbol near <eof>')
T.eq(select(2, load("x =", "\n")), '[string "..."]:1: unexpected symbol near <eof>')
T.eq(select(2, load(function() end, nil)), nil)
T.eq(select(2, load((function(d) return function() d, x = nil, d return x end end)("x ="))), '(load):1: unexpected symbol near <eof>')
for _, n in ipairs { 10, 40, 41, 42, 43, 44, 45, 46, 47, 48, 58, 59, 60, 61, 80 } do
  local long = ("a"):rep(n)
  local head = select(2, load("x =", "=" .. long)):match("^(.-):1:")
  T.eq(head, long:sub(1, 59))
  head = select(2, load("x =", "@" .. long)):match("^(.-):1:")
  T.eq(head, n <= 59 and long or "..." .. long:sub(-56))
  head = select(2, load("x =", long)):match("^(.-):1:")
  T.eq(head, n < 45 and '[string "' .. long .. '"]' or '[string "' .. long:sub(1, 45) .. '..."]')
end
T.done()
