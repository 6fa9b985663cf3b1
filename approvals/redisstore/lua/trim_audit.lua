-- trim_audit: removes audit entries older than age, oldest first.
--
-- KEYS     audit, audit:chain, audit:checkpoint
-- ARGV     age ms, how many at most, the last number to remove (0: any),
--          hash and seal of the checkpoint that takes their place ('': none)
-- verdicts {'ok', now, how many}
-- writes   deletes entries and their links; sequence numbers are never used again
local audit, chain, checkpoint = key(), key(), key()
local age, most, last, hash, seal = number(), number(), number(), text(), text()

local now = clock()
local old = {}
for _, e in ipairs(redis.call('XRANGE', audit, '-', '+', 'COUNT', most)) do
  -- Fields are in the order in which log writes them: at, entry.
  if tonumber(e[2][2]) >= now - age then break end
  if last > 0 and tonumber(string.match(e[1], '^%d+')) > last then break end
  old[#old + 1] = e[1]
end
if #old == 0 then return {'ok', now, 0} end
if hash ~= '' then redis.call('HSET', checkpoint, 'seq', int(last), 'hash', hash, 'seal', seal) end
for _, entry in ipairs(old) do
  redis.call('XDEL', audit, entry)
  redis.call('XDEL', chain, entry)
end
return {'ok', now, #old}
