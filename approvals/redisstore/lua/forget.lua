-- forget: takes an id that names no request out of the indexes, where losing
-- the request (an eviction, a partial restore) left it behind.
--
-- KEYS     request, pending, runnable, behind, ended
-- ARGV     id
-- verdicts {'ok', now} also when there is such a request, which then stays
-- writes   the indexes
local request = key()
local indexes = {key(), key(), key(), key()}
local id = text()

local now = clock()
if redis.call('EXISTS', request) == 0 then
  for _, index in ipairs(indexes) do redis.call('ZREM', index, id) end
end
return {'ok', now}
