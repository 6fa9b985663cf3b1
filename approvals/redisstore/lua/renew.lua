-- renew: a holder keeps its run. No version, no audit: nothing changed for people.
--
-- KEYS     request, runnable
-- ARGV     id, fence, for how long ms
-- verdicts {'ok', now, until} · {'missing', now} · {'lost', now}
-- writes   the lease's end, the place in runnable
local request, runnable = key(), key()
local id, fence, length = text(), text(), number()

local stored = redis.call('HMGET', request, 'lease_holder', 'lease_fence', 'lease_until')
local now = clock()
if not stored[1] then return {'missing', now} end
if stored[1] == '' or stored[2] ~= fence or now >= tonumber(stored[3]) then return {'lost', now} end

local lease_until = now + length
redis.call('HSET', request, 'lease_until', int(lease_until))
redis.call('ZADD', runnable, int(lease_until), id) -- only a run has a holder
return {'ok', now, lease_until}
