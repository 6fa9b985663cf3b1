-- card_take: gives one process the right to draw a card, and what to draw.
--
-- KEYS     request, card, behind, freeze
-- ARGV     id, holder, token of this very call, for how long ms,
--          fields of the request to return (list)
-- verdicts {'ok', now, request's fields, card's fields, resumed, freeze's fields}
--          {'missing', now} · {'held', now}
-- writes   the card's lease and fence; the request is behind again when the
--          lease ends, so that a drawing that died is found
local request, card, behind, freeze = key(), key(), key(), key()
local id, holder, token, length = text(), text(), text(), number()
local fields = texts()

local function shown()
  return redis.call('HMGET', card, 'channel', 'ts', 'shown', 'told', 'again', 'tries', 'fence', 'frozen',
    'reminded', 'beside')
end

local found = redis.call('HMGET', request, unpack(fields))
local freezing = redis.call('HMGET', freeze, 'on', 'record', 'at')
local stored = redis.call('HMGET', card, 'holder', 'lease_until', 'token', 'resumed', 'not_before')
local now = clock()
if not found[1] then return {'missing', now} end
local given = stored[1] and stored[1] ~= ''
if given and stored[3] == token then -- the same call again, which draws from now on
  redis.call('HSET', card, 'lease_until', int(now + length))
  redis.call('ZADD', behind, int(now + length), id)
  return {'ok', now, found, shown(), tonumber(stored[4]), freezing}
end
if given and now < tonumber(stored[2]) then return {'held', now} end
if not given and now < tonumber(stored[5] or 0) then
  redis.call('ZADD', behind, int(stored[5]), id) -- Slack said when, or we did
  return {'held', now}
end

local resumed = given and 1 or 0
redis.call('HINCRBY', card, 'fence', 1)
redis.call('HSET', card, 'holder', holder, 'token', token, 'resumed', resumed,
  'lease_until', int(now + length))
redis.call('ZADD', behind, int(now + length), id)
return {'ok', now, found, shown(), resumed, freezing}
