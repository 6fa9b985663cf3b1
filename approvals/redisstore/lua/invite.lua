-- invite: adds to what is on record of telling somebody of a card.
--
-- KEYS     request, card
-- ARGV     field of the card, how much to add
-- verdicts {'ok', now} · {'missing', now} no card without a request: it would stay for ever
-- writes   the card
local request, card = key(), key()
local field, more = text(), number()

local now = clock()
if redis.call('EXISTS', request) == 0 then return {'missing', now} end
redis.call('HINCRBY', card, field, more)
return {'ok', now}
