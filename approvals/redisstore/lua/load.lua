-- load: a request and the time.
--
-- KEYS     request
-- ARGV     fields of the hash to return (list)
-- verdicts {'ok', now, fields} · {'missing', now}
-- writes   nothing
local request = key()
local fields = texts()

local now = clock()
local found = redis.call('HMGET', request, unpack(fields))
if not found[1] then return {'missing', now} end
return {'ok', now, found}
