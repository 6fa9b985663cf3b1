-- card_put: stores what a drawing came to and gives the card back.
--
-- KEYS     request, card, behind, freeze, message:<channel>:<ts> (list, none before the post)
-- ARGV     id, fence, token of this very call, channel, ts, shown, told,
--          reminded, again (0 or 1), tries, due in ms (0: nothing is due), hold (0 or 1),
--          when the freeze began that it shows ms (0: none), beside, messages (list)
-- verdicts {'ok', now} also when this very call was written before
--          {'missing', now} · {'lost', now}
-- writes   the card, with every message that was its own (trim deletes their
--          keys); the place in behind; whose card the message is
local request, card, behind, freeze = key(), key(), key(), key()
local id, fence, token = text(), text(), text()
local channel, ts, shown, told = text(), text(), number(), number()
local reminded = number()
local again, tries, due, hold = text(), text(), number(), tonumber(text()) == 1
local frozen = number()
local beside = text()
local messages = keys()

local MESSAGE_LIVES = 400 * 24 * 60 * 60 * 1000

local stored = redis.call('HMGET', request, 'version', 'notices', 'state')
local freezing = redis.call('HMGET', freeze, 'on', 'at')
local was = redis.call('HMGET', card, 'fence', 'holder', 'token', 'shown', 'told', 'reminded', 'messages')
local now = clock()
if not stored[1] then return {'missing', now} end
if was[1] ~= fence then return {'lost', now} end
if was[2] == '' then return {was[3] == token and 'ok' or 'lost', now} end

-- What was shown or told once stays so, whatever a slow drawing believes.
shown = math.max(shown, tonumber(was[4] or 0))
told = math.max(told, tonumber(was[5] or 0))
reminded = math.max(reminded, tonumber(was[6] or 0))
redis.call('HSET', card, 'channel', channel, 'ts', ts, 'shown', int(shown), 'told', int(told),
  'reminded', int(reminded),
  'again', again, 'tries', tries, 'frozen', int(frozen), 'beside', beside,
  'holder', '', 'lease_until', 0, 'token', token)
-- A wait is for what was drawn: a change made meanwhile is due at once, unless the drawing failed.
local open = stored[3] == 'pending' or stored[3] == 'approved' or stored[3] == 'running'
local other = open and frozen ~= (freezing[1] == '1' and tonumber(freezing[2]) or 0)
local moved = shown < tonumber(stored[1]) or told < tonumber(stored[2]) or other
hold = hold or tonumber(tries) > 0
if moved and not hold then due = 0 end
redis.call('HSET', card, 'not_before', hold and int(now + due) or 0)
for _, k in ipairs(messages) do redis.call('SET', k, id, 'PX', int(MESSAGE_LIVES)) end
local had, name = was[7] or '', channel .. ':' .. ts .. '\n'
if #messages > 0 and not string.find(had, name, 1, true) then
  redis.call('HSET', card, 'messages', had .. name)
end
local settled = due == 0 and again == '0' and not moved
if settled then
  redis.call('ZREM', behind, id)
else
  redis.call('ZADD', behind, int(now + due), id)
end
return {'ok', now}
