-- submit: stores a new pending request, or a break-glass, which is approved.
--
-- KEYS     request, submitted:<key>, audit:seq, audit, pending, runnable, behind,
--          minute:<person>, undecided:<person>, freeze, open:<verb>/<target key> (list),
--          unreviewed of the person and of the account (list), and of the other
--          accounts that are the person's now (list)
-- ARGV     id, record, entry, op, lifetime ms, not_after ms,
--          requester, requester's account, needed, notices, glass (1: a break-glass),
--          limits: per person and minute, undecided per person, undecided (0: none)
-- verdicts {'ok', now, expires, number of the entry}
--          {'again', now, id}       the idempotency key was used; nothing written
--          {'late', now}            past not_after
--          {'used', now}            the id is in use
--          {'frozen', now}          a break-glass during a freeze
--          {'unreviewed', now, id}  a break-glass whose person has one unsigned
--          {'taken', now, ids}      open requests hold targets, each once
--          {'limit', now, which, have, wait ms}
-- writes   the request, its idempotency key (1 day), the open keys (lifetime
--          and 1 day: a safety net, commit removes them), pending and undecided
--          (a break-glass: runnable and unreviewed), behind, minute (1 minute),
--          one audit entry; undecided lives a day longer than its last member may
local request, submitted, seq, audit = key(), key(), key(), key()
local pending, runnable, behind = key(), key(), key()
local minute, undecided, freeze = key(), key(), key()
local open, unreviewed, linked = keys(), keys(), keys()
local id, record, entry, op = text(), text(), text(), text()
local lifetime, not_after = number(), number()
local requester, requester_user, needed, notices = text(), text(), text(), text()
local glass = text() == '1'
local per_minute, per_person, in_all = number(), number(), number()

local DAY, MINUTE = 24 * 60 * 60 * 1000, 60 * 1000

-- The idempotency key comes before any clock: a request that was stored stays
-- stored, however late its sender asks again.
local earlier = redis.call('GET', submitted)
local now = clock()
if earlier then return {'again', now, earlier} end
if now > not_after then return {'late', now} end
if redis.call('EXISTS', request) == 1 then return {'used', now} end
if glass then -- before what holds a target: the Desk withdraws that
  if redis.call('HGET', freeze, 'on') == '1' then return {'frozen', now} end
  for _, list in ipairs({unreviewed, linked}) do
    for _, k in ipairs(list) do
      local unsigned = redis.call('GET', k)
      if unsigned then return {'unreviewed', now, unsigned} end
    end
  end
end
local holders, seen = {}, {}
for _, k in ipairs(open) do
  local holder = redis.call('GET', k)
  if holder and not seen[holder] then
    seen[holder], holders[#holders + 1] = true, holder
  end
end
if #holders > 0 then return {'taken', now, holders} end

local since = '(' .. int(now - MINUTE)
if per_minute > 0 then
  local have = redis.call('ZCOUNT', minute, since, '+inf')
  if have >= per_minute then
    -- The next request passes when so many have left the minute that fewer
    -- than the limit remain.
    local gate = redis.call('ZRANGEBYSCORE', minute, since, '+inf',
      'WITHSCORES', 'LIMIT', have - per_minute, 1)
    return {'limit', now, 'minute', have, tonumber(gate[2]) + MINUTE - now}
  end
end
if per_person > 0 then
  local have = redis.call('SCARD', undecided)
  if have >= per_person then return {'limit', now, 'person', have, 0} end
end
if in_all > 0 then
  local have = redis.call('ZCARD', pending)
  if have >= in_all then return {'limit', now, 'all', have, 0} end
end

local expires = now + lifetime
local entered = log(seq, audit, now, entry)
redis.call('HSET', request, 'record', record, 'version', 1, 'state', glass and 'approved' or 'pending',
  'op:1', op, 'created', int(now), 'expires', int(expires),
  'requester', requester, 'requester_user', requester_user, 'needed', needed,
  'glass', glass and 1 or 0, 'notices', notices, 'lease_holder', '', 'lease_fence', 0, 'lease_until', 0)
redis.call('SET', submitted, id, 'PX', DAY)
for _, k in ipairs(open) do redis.call('SET', k, id, 'PX', int(math.max(lifetime, 0) + DAY)) end
redis.call('ZADD', behind, int(now), id)
if glass then
  redis.call('ZADD', runnable, int(now), id)
  for _, k in ipairs(unreviewed) do redis.call('SET', k, id) end -- until somebody signs
else
  redis.call('ZADD', pending, int(expires), id)
  redis.call('SADD', undecided, id)
  -- A safety net as well: no member is undecided for longer.
  redis.call('PEXPIRE', undecided, int(math.max(redis.call('PTTL', undecided), lifetime + DAY)))
end
redis.call('ZREMRANGEBYSCORE', minute, '-inf', int(now - MINUTE))
redis.call('ZADD', minute, int(now), id)
redis.call('PEXPIRE', minute, MINUTE)
return {'ok', now, expires, entered}
