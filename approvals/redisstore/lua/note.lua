-- note: appends an entry that changes nothing, or counts it.
--
-- KEYS     audit:seq, audit, refused:<person>, audit:more, noted:<op>
-- ARGV     entry, person, the person as JSON, how many a minute are listed
-- verdicts {'ok', now} also when this op was written before · {'counted', now}
-- writes   one audit entry, or the count of those that are not listed;
--          refused and noted for a minute
local seq, audit, refused, more, noted = key(), key(), key(), key(), key()
local entry, person, who, most = text(), text(), text(), number()

local MINUTE = 60 * 1000

local now = clock()
if redis.call('EXISTS', noted) == 1 then return {'ok', now} end
local listed = tonumber(redis.call('GET', refused) or 0) < most

if listed then log(seq, audit, now, entry) end
redis.call('SET', noted, 1, 'PX', MINUTE)
if redis.call('INCR', refused) == 1 then redis.call('PEXPIRE', refused, MINUTE) end
if listed then return {'ok', now} end
local due, count = string.match(redis.call('HGET', more, person) or '', '^(%d+) (%d+) ')
due = due or int(now + math.max(redis.call('PTTL', refused), 0))
redis.call('HSET', more, person, due .. ' ' .. int((tonumber(count) or 0) + 1) .. ' ' .. who)
return {'counted', now}
