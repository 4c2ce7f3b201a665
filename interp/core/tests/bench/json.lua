local function enc(v)
  local t = type(v)
  if t == "table" then
    local o = {}
    if #v > 0 then for i = 1, #v do o[i] = enc(v[i]) end return "[" .. table.concat(o, ",") .. "]" end
    local ks = {}
    for k in pairs(v) do ks[#ks + 1] = k end
    table.sort(ks)
    for _, k in ipairs(ks) do o[#o + 1] = string.format("%q:%s", k, enc(v[k])) end
    return "{" .. table.concat(o, ",") .. "}"
  end
  return t == "string" and '"' .. v:gsub('"', '\\"') .. '"' or tostring(v)
end
local n = 0
for i = 1, 12000 do n = n + #enc{id = i, name = "user" .. i, tags = {"a", "b", tostring(i)}, pos = {x = i / 2, y = -i}} end
print(n)
