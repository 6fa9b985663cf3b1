-- freeze: stops everything, or ends that.
--
-- KEYS     freeze, audit:seq, audit, pending, runnable, behind
-- ARGV     op, on (1: freeze, 0: end it), record (of a freeze), entry
-- verdicts {'ok', now, record, at}    also when this op was written before
--          {'idle', now, record, at}  it is so already: the freeze in force,
--          or '' and 0; nothing written
-- writes   the freeze; every open request is behind, so that its card says so;
--          one audit entry
local freeze, seq, audit = key(), key(), key()
local pending, runnable, behind = key(), key(), key()
local op, on, record, entry = text(), text(), text(), text()

local was = redis.call('HMGET', freeze, 'on', 'record', 'at', 'op')
local now = clock()
if was[4] == op then return {'ok', now, was[2], tonumber(was[3])} end
if on == '1' and was[1] == '1' then return {'idle', now, was[2], tonumber(was[3])} end
if on == '0' and was[1] ~= '1' then return {'idle', now, '', 0} end

log(seq, audit, now, entry)
-- An ended freeze stays on record, so that its end can be told again.
local at = now
if on == '0' then record, at = was[2], tonumber(was[3]) end
redis.call('HSET', freeze, 'on', on, 'record', record, 'at', int(at), 'op', op)
for _, index in ipairs({pending, runnable}) do
  for _, id in ipairs(redis.call('ZRANGE', index, 0, -1)) do
    redis.call('ZADD', behind, int(now), id)
  end
end
return {'ok', now, record, at}
