-- trim_audit: removes audit entries older than age, oldest first.
--
-- KEYS     audit
-- ARGV     age ms, how many at most
-- verdicts {'ok', now, how many}
-- writes   deletes entries; sequence numbers are never used again
local audit = key()
local age, most = number(), number()

local now = clock()
local old = {}
for _, e in ipairs(redis.call('XRANGE', audit, '-', '+', 'COUNT', most)) do
  -- Fields are in the order in which log writes them: at, entry.
  if tonumber(e[2][2]) >= now - age then break end
  old[#old + 1] = e[1]
end
for _, entry in ipairs(old) do redis.call('XDEL', audit, entry) end
return {'ok', now, #old}
