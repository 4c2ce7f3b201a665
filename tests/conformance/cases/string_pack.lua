-- Manual 6.4.2: string.pack, unpack, packsize.
local T = require "harness"
T.exprs [====[
("b"):pack(5), ("B"):pack(255), ("b"):pack(-128), ("<h"):pack(0x102), (">h"):pack(0x102), ("<i3"):pack(-2), (">i3"):pack(-2), ("<j"):pack(1), (">J"):pack(-1), ("<l"):pack(-1), ("<T"):pack(7) --> "\x05", "\xff", "\x80", "\x02\x01", "\x01\x02", "\xfe\xff\xff", "\xff\xff\xfe", "\x01\x00\x00\x00\x00\x00\x00\x00", "\xff\xff\xff\xff\xff\xff\xff\xff", "\xff\xff\xff\xff\xff\xff\xff\xff", "\x07\x00\x00\x00\x00\x00\x00\x00"
("<i1"):pack(-1), ("<i2"):pack(-1), ("<i7"):pack(1), ("<i8"):pack(-2), ("<i9"):pack(-2), ("<i16"):pack(1), (">i16"):pack(-1), (">I16"):pack(-1), ("<I5"):pack(0x0102030405) --> "\xff", "\xff\xff", "\x01\x00\x00\x00\x00\x00\x00", "\xfe\xff\xff\xff\xff\xff\xff\xff", "\xfe\xff\xff\xff\xff\xff\xff\xff\xff", "\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", "\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff", "\x05\x04\x03\x02\x01"
("<f"):pack(1.5), ("<d"):pack(1.5), (">d"):pack(-0.0), ("<n"):pack(0.1), (">f"):pack(1/0) --> "\x00\x00\xc0?", "\x00\x00\x00\x00\x00\x00\xf8?", "\x80\x00\x00\x00\x00\x00\x00\x00", "\x9a\x99\x99\x99\x99\x99\xb9?", "\x7f\x80\x00\x00"
("z"):pack("abc"), ("z"):pack(""), ("s1"):pack("abc"), ("<s2"):pack("abc"), (">s4"):pack("abc"), ("<s"):pack("x"), ("c5"):pack("abc"), ("c0"):pack(""), ("c3"):pack("abc"), ("x"):pack(), ("xxx"):pack(), ("bxb"):pack(1, 2) --> "abc\x00", "\x00", "\x03abc", "\x03\x00abc", "\x00\x00\x00\x03abc", "\x01\x00\x00\x00\x00\x00\x00\x00x", "abc\x00\x00", "", "abc", "\x00", "\x00\x00\x00", "\x01\x00\x02"
("<!4 b i4"):pack(1, 2), ("<!8 b i8"):pack(1, 2), ("<!2 b i4"):pack(1, 2), ("<! b d"):pack(1, 2), ("<b Xi4 b"):pack(1, 2), ("<!4 b Xi4 b"):pack(1, 2), ("<!4 i1 !2 i2 !1 i4"):pack(1, 2, 3), ("<!8 b Xd d"):pack(1, 2) --> "\x01\x00\x00\x00\x02\x00\x00\x00", "\x01\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00", "\x01\x00\x02\x00\x00\x00", "\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00@", "\x01\x02", "\x01\x00\x00\x00\x02", "\x01\x00\x02\x00\x03\x00\x00\x00", "\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00@"
("< i2 > i2 = b"):pack(1, 1, 1), (" < i2  > i2 "):pack(1, 1), ("<i2>i2<i2"):pack(1, 2, 3), (""):pack(), (""):pack(1, 2) --> "\x01\x00\x00\x01\x01", "\x01\x00\x00\x01", "\x01\x00\x00\x02\x03\x00", "", ""
("b"):pack(128) --> !?:1: bad argument #1 to 'pack' (integer overflow)
("b"):pack(-129) --> !?:1: bad argument #1 to 'pack' (integer overflow)
("B"):pack(256) --> !?:1: bad argument #1 to 'pack' (unsigned overflow)
("B"):pack(-1) --> !?:1: bad argument #1 to 'pack' (unsigned overflow)
("h"):pack(32768) --> !?:1: bad argument #1 to 'pack' (integer overflow)
("I2"):pack(65536) --> !?:1: bad argument #1 to 'pack' (unsigned overflow)
("i4"):pack(1 << 31) --> !?:1: bad argument #1 to 'pack' (integer overflow)
("i3"):pack(1 << 23) --> !?:1: bad argument #1 to 'pack' (integer overflow)
("b"):pack("x") --> !?:1: bad argument #1 to 'pack' (number expected, got string)
("b"):pack(1.5) --> !?:1: bad argument #1 to 'pack' (number has no integer representation)
("b"):pack() --> !?:1: bad argument #1 to 'pack' (number expected, got nil)
("i17"):pack(1) --> !?:1: integral size (17) out of limits [1,16]
("i0"):pack(1) --> !?:1: integral size (0) out of limits [1,16]
("I99"):pack(1) --> !?:1: integral size (99) out of limits [1,16]
("s1"):pack(("x"):rep(256)) --> !?:1: bad argument #1 to 'pack' (string length does not fit in given size)
("z"):pack("a\0b") --> !?:1: bad argument #1 to 'pack' (string contains zeros)
("c2"):pack("abc") --> !?:1: bad argument #1 to 'pack' (string longer than given size)
("c"):pack("abc") --> !?:1: missing size for format option 'c'
("c-1"):pack("a") --> !?:1: missing size for format option 'c'
("y"):pack(1) --> !?:1: invalid format option 'y'
("!3 i4"):pack(1) --> !?:1: calling 'pack' on bad self (format asks for alignment not power of 2)
("<!4 b Xi3"):pack(1) --> !?:1: calling 'pack' on bad self (format asks for alignment not power of 2)
("!17"):pack() --> !?:1: integral size (17) out of limits [1,16]
("X"):pack() --> !?:1: calling 'pack' on bad self (invalid next option for option 'X')
("Xz"):pack() --> !?:1: calling 'pack' on bad self (invalid next option for option 'X')
("Xs1"):pack("x") --> ""
("!4 i3"):pack(1) --> !?:1: calling 'pack' on bad self (format asks for alignment not power of 2)
("!8 Xi5 b"):pack(1) --> !?:1: calling 'pack' on bad self (format asks for alignment not power of 2)
("<b"):unpack("\5"), ("<b"):unpack("\255"), ("<B"):unpack("\255"), ("<h"):unpack("\1\2"), (">h"):unpack("\1\2"), ("<i3"):unpack("\254\255\255"), ("<I3"):unpack("\254\255\255"), ("<j"):unpack(("\255"):rep(8)) --> 5, -1, 255, 513, 258, -2, 16777214, -1, 9
("<i16"):unpack("\1" .. ("\0"):rep(15)), ("<i16"):unpack(("\255"):rep(16)), ("<i9"):unpack(("\255"):rep(9)), ("<I9"):unpack(("\255"):rep(8) .. "\0"), (">i16"):unpack(("\255"):rep(15) .. "\254") --> 1, -1, -1, -1, -2, 17
("<i9"):unpack(("\255"):rep(8) .. "\1") --> !?:1: 9-byte integer does not fit into Lua Integer
("<I16"):unpack(("\255"):rep(16)) --> !?:1: 16-byte integer does not fit into Lua Integer
("<d"):unpack(("<d"):pack(1.5)), (">f"):unpack((">f"):pack(0.1)), ("<n"):unpack(("<n"):pack(math.pi)), ("<f"):unpack(("<f"):pack(1e40)), ("<d"):unpack(("<d"):pack(math.huge)) --> 1.5, 0.10000000149011612, 3.141592653589793, inf, inf, 9
("z"):unpack("abc\0def"), ("zz"):unpack("a\0b\0"), ("s1"):unpack("\3abcd"), ("<s2"):unpack("\1\0x"), ("c3"):unpack("abcdef"), ("c0"):unpack(""), ("xb"):unpack("\0\7"), ("bxb"):unpack("\1\0\2") --> "abc", "a", "abc", "x", "abc", "", 7, 1, 2, 4
("z"):unpack("abc") --> !?:1: bad argument #1 to 'unpack' (unfinished string for format 'z')
("s1"):unpack("\5abc") --> !?:1: bad argument #1 to 'unpack' (data string too short)
("<i4"):unpack("abc") --> !?:1: bad argument #1 to 'unpack' (data string too short)
("c5"):unpack("abc") --> !?:1: bad argument #1 to 'unpack' (data string too short)
("b"):unpack("") --> !?:1: bad argument #1 to 'unpack' (data string too short)
("x"):unpack("") --> !?:1: bad argument #1 to 'unpack' (data string too short)
("<s8"):unpack(("\255"):rep(8)) --> !?:1: bad argument #1 to 'unpack' (data string too short)
("b"):unpack("abc", 2), ("b"):unpack("abc", -1), ("b"):unpack("abc", 3), (""):unpack("abc", 4), (""):unpack("", 1), ("b"):unpack("abc", 2.0) --> 98, 99, 99, 4, 1, 98, 3
("b"):unpack("abc", 4) --> !?:1: bad argument #1 to 'unpack' (data string too short)
("b"):unpack("abc", 5) --> !?:1: bad argument #2 to 'unpack' (initial position out of string)
("b"):unpack("abc", -10) --> 97, 2
("b"):unpack("abc", 0) --> 97, 2
("b"):unpack("abc", {}) --> !?:1: bad argument #2 to 'unpack' (number expected, got table)
("<!4 b i4"):unpack(("<!4 b i4"):pack(1, 2)), ("<!4 b Xi4 b"):unpack(("<!4 b Xi4 b"):pack(1, 2)), ("<i2 >i2"):unpack("\1\0\0\1") --> 1, 1, 1, 1, 5
("<!4 i4"):unpack("\0\0\0\0\1\0\0\0", 2) --> 1, 9
("b"):packsize(), ("<i4 i8"):packsize(), ("<!8 b i8"):packsize(), ("<!4 b i8"):packsize(), ("c10"):packsize(), ("xxx"):packsize(), ("d f n j"):packsize(), ("<!8 b Xi8"):packsize(), (""):packsize(), ("i3 i16"):packsize(), ("T l h"):packsize() --> 1, 12, 16, 12, 10, 3, 28, 8, 0, 19, 18
("s"):packsize() --> !?:1: calling 'packsize' on bad self (variable-length format)
("z"):packsize() --> !?:1: calling 'packsize' on bad self (variable-length format)
("c2147483647c2147483647c2147483647"):packsize() --> !?:1: invalid format option '7'
("c2147483647"):packsize(), ("c9223372036854775807"):len() --> !?:1: invalid format option '7'
("i99999999999999999999"):packsize() --> !?:1: integral size (999999999) out of limits [1,16]
string.pack() --> !?:1: bad argument #1 to 'pack' (string expected, got no value)
string.pack(5), string.pack("i1", "7"), string.pack("<i2", 3.0) --> !?:1: invalid format option '5'
string.unpack("b") --> !?:1: bad argument #2 to 'unpack' (string expected, got no value)
string.pack("d", "x") --> !?:1: bad argument #2 to 'pack' (number expected, got string)
string.pack("z", {}) --> !?:1: bad argument #2 to 'pack' (string expected, got table)
string.pack("s1", nil) --> !?:1: bad argument #2 to 'pack' (string expected, got nil)
string.pack("<s1", 12), string.pack("z", 1.5) --> "\x0212", "1.5\x00"
string.pack("<i4i4i4", 1, 2) --> !?:1: bad argument #4 to 'pack' (number expected, got nil)
]====]
-- round trips of every size, both orders
for size = 1, 16 do
  for _, order in ipairs { "<", ">" } do
    for _, v in ipairs { 0, 1, -1, 100, -100, 127, -128 } do
      local fmt = order .. "i" .. size
      local packed = fmt:pack(v)
      T.eq(#packed, size)
      T.eq(fmt:unpack(packed), v)
      T.eq(select(2, fmt:unpack(packed)), size + 1)
      if v >= 0 then
        local u = order .. "I" .. size
        T.eq(u:pack(v), packed)
        T.eq(u:unpack(packed), v)
      end
      T.eq(packed:reverse(), ((order == "<" and ">" or "<") .. "i" .. size):pack(v))
    end
    if size < 8 then
      local limit = 1 << (8 * size - 1)
      for _, v in ipairs { limit - 1, -limit } do T.eq((order .. "i" .. size):unpack((order .. "i" .. size):pack(v)), v) end
      T.eq((order .. "I" .. size):unpack((order .. "I" .. size):pack(2 * limit - 1)), 2 * limit - 1)
      T.eq(pcall(string.pack, order .. "i" .. size, limit), false)
      T.eq(pcall(string.pack, order .. "i" .. size, -limit - 1), false)
      T.eq(pcall(string.pack, order .. "I" .. size, 2 * limit), false)
    end
    for _, v in ipairs { math.maxinteger, math.mininteger } do
      if size >= 8 then T.eq((order .. "i" .. size):unpack((order .. "i" .. size):pack(v)), v) end
    end
  end
end
-- alignment against a model
for align = 0, 4 do
  for size = 0, 3 do
    for before = 0, 9 do
      local a, n = 1 << align, 1 << size
      local fmt = ("<!%d c%d i%d"):format(a, before, n)
      local step = math.min(a, n)
      local want = (before + step - 1) // step * step + n
      T.eq(fmt:packsize(), want)
      local p = fmt:pack(("x"):rep(before), 1)
      T.eq(#p, want)
      T.eq(select(2, fmt:unpack(p)), 1)
    end
  end
end
T.done()
