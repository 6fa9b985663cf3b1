-- seal: appends links to the chain of the audit.
--
-- KEYS     audit:chain, audit:checkpoint
-- ARGV     the number of the link that these follow (0: the first of all),
--          numbers (list), hashes (list), seals (list)
-- verdicts {'ok', now} · {'stale', now} another process sealed meanwhile, or
--          this very call did
-- writes   the chain
local chain, checkpoint = key(), key()
local after = number()
local numbers, hashes, seals = texts(), texts(), texts()

local now = clock()
local last = redis.call('XREVRANGE', chain, '+', '-', 'COUNT', 1)[1]
local from = tonumber(redis.call('HGET', checkpoint, 'seq') or 0)
if last then from = tonumber(string.match(last[1], '^%d+')) end
if from ~= after then return {'stale', now} end
for i, n in ipairs(numbers) do
  redis.call('XADD', chain, n .. '-0', 'hash', hashes[i], 'seal', seals[i])
end
return {'ok', now}
