-- due: what each index holds whose time has come.
--
-- KEYS     pending, runnable, behind
-- ARGV     how many of each
-- verdicts {'ok', now, pending, runnable, behind}
-- writes   nothing
local pending, runnable, behind = key(), key(), key()
local most = number()

local now = clock()
local function due(index)
  return redis.call('ZRANGEBYSCORE', index, '-inf', int(now), 'LIMIT', 0, most)
end
return {'ok', now, due(pending), due(runnable), due(behind)}
