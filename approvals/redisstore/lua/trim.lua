-- trim: removes requests that ended long ago. The audit keeps its own time.
--
-- KEYS     ended, pending, runnable, behind, calls, requests (list), their cards (list),
--          message:<channel>:<ts> of the messages of each card (a list each)
-- ARGV     age ms, ids (list, in the order of the keys), the messages of their
--          cards as they were read (list)
-- verdicts {'ok', now, how many}
-- writes   deletes the requests, their cards, whose card a message was, and
--          their places in the indexes; calls that are over
local ended, pending, runnable, behind, calls = key(), key(), key(), key(), key()
local requests, cards = keys(), keys()
local messages = {}
for i = 1, #cards do messages[i] = keys() end
local age, ids, read = number(), texts(), texts()

local now = clock()
local old = {}
for i, id in ipairs(ids) do
  local at = redis.call('ZSCORE', ended, id)
  local moved = (redis.call('HGET', cards[i], 'messages') or '') ~= read[i] -- posted meanwhile: the next time
  if at and tonumber(at) < now - age and not moved then old[#old + 1] = i end
end
for _, i in ipairs(old) do
  redis.call('DEL', requests[i], cards[i])
  for _, k in ipairs(messages[i]) do redis.call('DEL', k) end
  for _, index in ipairs({ended, pending, runnable, behind}) do redis.call('ZREM', index, ids[i]) end
end
redis.call('ZREMRANGEBYSCORE', calls, '-inf', int(now))
return {'ok', now, #old}
