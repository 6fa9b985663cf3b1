-- prelude: put before every script of this directory.
--
-- A script reads its KEYS and ARGV in the order in which Go wrote them, so
-- that neither side counts positions. A list is its length in ARGV followed by
-- its members, in KEYS or in ARGV.

local next_key, next_arg = 0, 0

local function key()
  next_key = next_key + 1
  return KEYS[next_key]
end

local function text()
  next_arg = next_arg + 1
  return ARGV[next_arg]
end

local function number() return tonumber(text()) end

local function keys()
  local list = {}
  for i = 1, number() do list[i] = key() end
  return list
end

local function texts()
  local list = {}
  for i = 1, number() do list[i] = text() end
  return list
end

-- clock is the only clock there is: Redis's own, in Unix milliseconds.
local function clock()
  local t = redis.call('TIME')
  return tonumber(t[1]) * 1000 + math.floor(tonumber(t[2]) / 1000)
end

-- int writes a number without exponent or fraction.
local function int(n) return string.format('%.0f', n) end

-- log appends an entry to the audit under the next sequence number, which is
-- the stream id as well. It is the first write of a script: if Redis refuses
-- to write (OOM, READONLY), it does so here, before anything has changed.
-- Before the entry stands its HMAC, which Go made (Store.signed). It returns the
-- number, for Go to remember (Store.newest).
local function log(seq, audit, now, entry)
  local n = redis.call('INCR', seq)
  local mac, body = string.match(entry, '^([^{ ]*) ?(.*)$')
  redis.call('XADD', audit, int(n) .. '-0', 'at', int(now), 'entry', body, 'mac', mac)
  return n
end
