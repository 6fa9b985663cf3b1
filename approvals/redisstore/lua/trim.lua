-- trim: removes requests that ended long ago. The audit keeps its own time.
--
-- KEYS     ended, pending, runnable, behind, requests (list), their cards (list)
-- ARGV     age ms, ids (list, in the order of the keys)
-- verdicts {'ok', now, how many}
-- writes   deletes the requests, their cards and their places in the indexes
local ended, pending, runnable, behind = key(), key(), key(), key()
local requests, cards = keys(), keys()
local age, ids = number(), texts()

local now = clock()
local old = {}
for i, id in ipairs(ids) do
  local at = redis.call('ZSCORE', ended, id)
  if at and tonumber(at) < now - age then old[#old + 1] = i end
end
for _, i in ipairs(old) do
  redis.call('DEL', requests[i], cards[i])
  for _, index in ipairs({ended, pending, runnable, behind}) do redis.call('ZREM', index, ids[i]) end
end
return {'ok', now, #old}
