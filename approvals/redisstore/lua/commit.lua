-- commit: replaces one version of a request by the next.
--
-- KEYS     request, audit:seq, audit, pending, runnable, behind, ended, calls,
--          undecided:<person>, unreviewed of the person, of the account, freeze,
--          open:<verb>/<target key> (list), touched:<target key> to look at (list),
--          lock:<target key> to take (list), touched:<target key> to write (list),
--          lock:<target key> to give back (list)
-- ARGV     id, op, version before, version after, state, record, notices, entry,
--          not_after ms (0: none), acts (1: a freeze refuses it), keys of the voters (list), their accounts (list),
--          unsigned (1: a break-glass whose review is owed), who signs the review
--          by this change: key and account ('' and '': nobody),
--          the fence before; lease: '' or 'set', holder, fence, until ms,
--          what to do with the open keys: 'keep', 'drop' or 'hold',
--          when the last run began ms (hold), deadline of the run ms,
--          slots to take (list), until when each ms (list), how many there are,
--          slots to give back (list)
-- verdicts {'ok', now, number of the entry} · {'same', now} this very op was written before
--          {'missing', now} · {'stale', now} · {'late', now} · {'four_eyes', now} · {'frozen', now}
--          {'taken', now, ids} · {'touched', now} · {'busy', now}
-- writes   the request, its places in the indexes, slots, locks, touched, open
--          and unreviewed keys, one audit entry
local request, seq, audit = key(), key(), key()
local pending, runnable, behind, ended = key(), key(), key(), key()
local calls, undecided = key(), key()
local unreviewed, freeze = {key(), key()}, key()
local id, op, from, version = text(), text(), number(), text()
local state, record, notices, entry = text(), text(), text(), text()
local not_after, acts = number(), text()
local voters, accounts = texts(), texts()
local unsigned, signer, signer_user = text(), text(), text()
local was_fence = text()
local lease, holder, fence, lease_until = text(), text(), text(), number()
local open_do, open = text(), keys()
local began, looked_at = number(), keys()
local deadline, locks, touched = number(), keys(), keys()
local slots, slots_until, slots_most = texts(), texts(), number()
local freed, unlocks = texts(), keys()

local HOUR, DAY = 60 * 60 * 1000, 24 * 60 * 60 * 1000
local LOCK_OUTLIVES = 30 * 1000

local stored = redis.call('HMGET', request, 'version', 'op:' .. version,
  'requester', 'requester_user', 'needed', 'lease_holder', 'lease_fence', 'lease_until', 'glass')
local frozen = redis.call('HGET', freeze, 'on') == '1'
local now = clock()

-- distinct counts list without repeats; nil when it names the excluded one.
local function distinct(list, excluded)
  local seen, n = {}, 0
  for _, v in ipairs(list) do
    if v == excluded then return nil end
    if not seen[v] then seen[v], n = true, n + 1 end
  end
  return n
end

-- four_eyes judges by the fields written at the request's birth, which no
-- commit changes, and never by the record. A break-glass needs no votes to run,
-- and somebody else for its review.
local function four_eyes()
  if signer ~= '' and (signer == stored[3] or signer_user == stored[4] or stored[9] ~= '1') then return false end
  if stored[9] == '1' or state ~= 'approved' and state ~= 'running' then return true end
  local people = distinct(voters, stored[3])
  local users = distinct(accounts, stored[4])
  local needed = math.max(tonumber(stored[5]), 1)
  return people and users and people >= needed and users >= needed
end

local function held() return stored[6] ~= '' and now < tonumber(stored[8]) end

-- busy: another run holds a target, or all slots are in use. A slot of ours is
-- moved, not taken twice.
local function busy()
  for _, k in ipairs(locks) do
    local owner = redis.call('GET', k)
    if owner and owner ~= id then return true end
  end
  local more = 0
  for _, slot in ipairs(slots) do
    local own = redis.call('ZSCORE', calls, slot)
    if not own or tonumber(own) <= now then more = more + 1 end
  end
  return more > 0 and redis.call('ZCOUNT', calls, '(' .. int(now), '+inf') + more > slots_most
end

-- Decide.
if not stored[1] then return {'missing', now} end
if tonumber(stored[1]) ~= from then
  return {stored[2] == op and 'same' or 'stale', now}
end
-- After Redis went back two may hold a run at one version, never under one fence (approvals, lease).
if was_fence ~= stored[7] then return {'stale', now} end
if not_after > 0 and now > not_after then return {'late', now} end
if not four_eyes() then return {'four_eyes', now} end
-- A mark acts whatever its sender says.
if frozen and (acts == '1' or #slots > 0) then return {'frozen', now} end
if lease == 'set' and fence ~= stored[7] and held() then return {'stale', now} end
if open_do == 'hold' then
  for _, k in ipairs(looked_at) do
    local at, by = string.match(redis.call('GET', k) or '', '^(%d+) (.+)$')
    if by and by ~= id and tonumber(at) >= began then return {'touched', now} end
  end
  for _, k in ipairs(open) do
    local owner = redis.call('GET', k)
    if owner and owner ~= id then return {'taken', now, {owner}} end
  end
end
if #slots > 0 and busy() then return {'busy', now} end

-- Write.
local entered = log(seq, audit, now, entry)
redis.call('HSET', request, 'record', record, 'version', version, 'state', state,
  'op:' .. version, op, 'notices', notices)
if lease == 'set' then
  redis.call('HSET', request, 'lease_holder', holder, 'lease_fence', fence, 'lease_until', int(lease_until))
else
  holder, lease_until = stored[6], tonumber(stored[8])
end

if state ~= 'pending' then
  redis.call('ZREM', pending, id)
  redis.call('SREM', undecided, id)
end
if state == 'running' and holder ~= '' then
  redis.call('ZADD', runnable, int(lease_until), id)
elseif state == 'running' or state == 'approved' then
  redis.call('ZADD', runnable, int(now), id)
else
  redis.call('ZREM', runnable, id)
end
if state == 'pending' or state == 'running' or state == 'approved' or unsigned == '1' then
  redis.call('ZREM', ended, id) -- what is not reviewed is not trimmed
else
  redis.call('ZADD', ended, int(now), id)
end
redis.call('ZADD', behind, int(now), id)
for _, k in ipairs(unreviewed) do
  if signer ~= '' and redis.call('GET', k) == id then redis.call('DEL', k) end
end

redis.call('ZREMRANGEBYSCORE', calls, '-inf', int(now))
for _, slot in ipairs(freed) do redis.call('ZREM', calls, slot) end
for i, slot in ipairs(slots) do redis.call('ZADD', calls, slots_until[i], slot) end
for _, k in ipairs(locks) do
  local owner = redis.call('GET', k) -- another's only where the record went back
  if not owner or owner == id then
    redis.call('SET', k, id, 'PX', int(math.max(deadline - now, 0) + LOCK_OUTLIVES))
  end
end
for _, k in ipairs(touched) do redis.call('SET', k, int(now) .. ' ' .. id, 'PX', 2 * HOUR) end
for _, k in ipairs(unlocks) do
  if redis.call('GET', k) == id then redis.call('DEL', k) end
end
for _, k in ipairs(open) do
  if open_do == 'hold' then
    redis.call('SET', k, id, 'PX', int(math.max(deadline - now, 0) + DAY))
  elseif open_do == 'drop' and redis.call('GET', k) == id then
    redis.call('DEL', k)
  end
end
return {'ok', now, entered}
