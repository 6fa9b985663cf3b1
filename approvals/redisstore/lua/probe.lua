-- probe: tries whether the workspace's node takes writes. What it writes it
-- removes again, in the same step.
--
-- KEYS     probe
-- verdicts {'ok', now}
-- writes   nothing that stays
local probe = key()

local now = clock()
redis.call('SET', probe, int(now), 'PX', 1000)
redis.call('DEL', probe)
return {'ok', now}
