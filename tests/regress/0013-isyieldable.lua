-- As stock Lua: an argument that is given must be a coroutine.
assert(not pcall(coroutine.isyieldable, nil))
assert(coroutine.isyieldable() == false)
