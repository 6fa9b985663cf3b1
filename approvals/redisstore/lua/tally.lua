-- tally: appends the entry that stands for refusals which were only counted.
--
-- KEYS     audit:seq, audit, audit:more
-- ARGV     entry, person, the count as it was read
-- verdicts {'ok', now} · {'stale', now} it changed meanwhile, or was written
-- writes   one audit entry in place of the count
local seq, audit, more = key(), key(), key()
local entry, person, count = text(), text(), text()

local now = clock()
if redis.call('HGET', more, person) ~= count then return {'stale', now} end
log(seq, audit, now, entry)
redis.call('HDEL', more, person)
return {'ok', now}
