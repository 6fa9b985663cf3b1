-- unlease: a holder lets its run go, so that another can take it at once.
--
-- KEYS     request, runnable
-- ARGV     id, fence
-- verdicts {'ok', now} also when it was let go before · {'missing', now} · {'lost', now}
-- writes   the lease, the place in runnable
local request, runnable = key(), key()
local id, fence = text(), text()

local stored = redis.call('HMGET', request, 'lease_holder', 'lease_fence')
local now = clock()
if not stored[1] then return {'missing', now} end
if stored[2] ~= fence then return {'lost', now} end
if stored[1] == '' then return {'ok', now} end

redis.call('HSET', request, 'lease_holder', '', 'lease_until', 0)
redis.call('ZADD', runnable, int(now), id) -- only a run has a holder
return {'ok', now}
