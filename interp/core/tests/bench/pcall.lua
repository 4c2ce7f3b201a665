local s = 0
for i = 1, 800000 do local ok, v = pcall(function(x) if x % 100 == 0 then error("e") end return x end, i) if ok then s = s + v end end
print(s)
