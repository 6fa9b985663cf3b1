-- due: what each index holds whose time has come, and whether the store went back.
--
-- KEYS     pending, runnable, behind, audit:seq, audit
-- ARGV     how many of each, the last sequence number seen (0: none), what its
--          entry was marked with
-- verdicts {'ok', now, pending, runnable, behind, seq, mark, back, doubtful}
--          seq and mark are those of the newest entry; back is 1 when the
--          store no longer holds the entry that was seen, doubtful then all
--          of runnable
-- writes   nothing
local pending, runnable, behind, seq, audit = key(), key(), key(), key(), key()
local most, seen, marked = number(), number(), text()

local now = clock()
local function due(index)
  return redis.call('ZRANGEBYSCORE', index, '-inf', int(now), 'LIMIT', 0, most)
end

-- mark tells an entry from another of the same number; '' when it is gone, which
-- age alone can do. Its fields are in the order in which log writes them.
local function mark(n)
  local e = redis.call('XRANGE', audit, int(n) .. '-0', int(n) .. '-0')[1]
  if not e then return '' end
  return e[2][2] .. ' ' .. (e[2][6] or '')
end

local last = tonumber(redis.call('GET', seq) or 0)
local is = seen > 0 and mark(seen) or ''
local back = last < seen or is ~= '' and marked ~= '' and is ~= marked
return {'ok', now, due(pending), due(runnable), due(behind), last, mark(last), back and 1 or 0,
  back and redis.call('ZRANGE', runnable, 0, -1) or {}}
