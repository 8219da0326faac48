-- Take a hold of all entries and count all rates, or none of them. Idempotent by the hold's key.
--
-- KEYS  1 the hold: hash, counter's key -> amount, "~" and a rate's key -> tokens counted there, and "!" -> its end in
--         milliseconds, "!second" -> when it was admitted, "!expired" -> 1 once it was swept, "!gone" -> 1 if it was
--         given back before it came
--       2 the ends of all holds: sorted set, id -> its end in milliseconds
--       3 the mark: there since the counters were raised to the ledger's sums
--       4.. one counter an entry: hash {spent, held}, integers of 64 bits
--       then one minute a rate: hash, second -> amount, and "n" the sum, "t" the first second, "l" the last one
-- ARGV  1 the hold's id, 2 entries, 3 rates, 4 the hold's life in milliseconds,
--       then amount, limit ("" for none), until when the counter is kept, in UTC seconds ("" for unknown), an entry, then amount, limit, what it counts a rate: "requests", "tokens", or
--       "counted" for tokens that are never refused
-- Out   {"ok", {spent, held, ...}, {remaining, reset ms, ...}} | {"short", number of the entry, dollars, rest} |
--       {"wait", seconds, {remaining, reset ms, ...}} | {"lost"}: nobody knows what is spent
-- Amounts may be above what Lua's doubles hold, so they are compared in two limbs of 9 digits and added by HINCRBY.
local entries, rates = tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local now, ms = tonumber(time[1]), math.floor(tonumber(time[2]) / 1000)
local BASE, WINDOW = 1000000000, 60

local function limbs(text)
  local sign, digits = 1, text
  if string.sub(text, 1, 1) == '-' then sign, digits = -1, string.sub(text, 2) end
  local cut = #digits - 9
  if cut <= 0 then return 0, sign * tonumber(digits) end
  return sign * tonumber(string.sub(digits, 1, cut)), sign * tonumber(string.sub(digits, cut + 1))
end

local function minute(key)
  local state = redis.call('HMGET', key, 'n', 't', 'l')
  local n, t, l = tonumber(state[1] or 0), tonumber(state[2] or now), tonumber(state[3] or 0)
  if l <= now - WINDOW then
    redis.call('DEL', key)
    return 0, now, 0, now
  end
  while t <= now - WINDOW do
    n = n - tonumber(redis.call('HGET', key, t) or 0)
    redis.call('HDEL', key, t)
    t = t + 1
  end
  redis.call('HSET', key, 'n', n, 't', t)
  return n, t, l, math.max(now, l) -- on a replica whose clock is behind, a minute's time stops and never goes back
end

local function rate(i)
  local at = 4 + 3 * entries + 3 * i
  return KEYS[3 + entries + i], tonumber(ARGV[at - 2]), tonumber(ARGV[at - 1]), ARGV[at]
end

local function windows(result)
  for i = 1, rates do
    local key, _, limit = rate(i)
    local n, _, l = minute(key)
    result[2 * i - 1] = math.max(0, limit - n)
    result[2 * i] = l == 0 and 0 or math.max(0, (l + WINDOW - now) * 1000 - ms)
  end
  return result
end

local function counters()
  local result = {}
  for i = 1, entries do
    local found = redis.call('HMGET', KEYS[3 + i], 'spent', 'held')
    result[2 * i - 1], result[2 * i] = found[1] or '0', found[2] or '0'
  end
  return result
end

if redis.call('EXISTS', KEYS[1]) == 1 then return {'ok', counters(), windows({})} end
if entries > 0 and redis.call('EXISTS', KEYS[3]) == 0 then return {'lost'} end

local wait = 0
for i = 1, rates do
  local key, amount, limit, unit = rate(i)
  local n, t, _, at = minute(key)
  while unit ~= 'counted' and n + amount > limit and t <= at do
    n = n - tonumber(redis.call('HGET', key, t) or 0)
    if n + amount <= limit then wait = math.max(wait, t + WINDOW - now) end
    t = t + 1
  end
end
if wait > 0 then return {'wait', wait, windows({})} end

for i = 1, entries do
  local amount, limit = ARGV[2 + 3 * i], ARGV[3 + 3 * i]
  if limit ~= '' then
    local found = redis.call('HMGET', KEYS[3 + i], 'spent', 'held')
    local high, low = limbs(limit)
    for _, text in ipairs({found[1] or '0', found[2] or '0'}) do
      local h, l = limbs(text)
      high, low = high - h, low - l
    end
    local h, l = limbs(amount)
    local carry = math.floor((low - l) / BASE)
    if high - h + carry < 0 then return {'short', i, tostring(high), tostring(low)} end
  end
end

local keeps = entries > 0
for i = 1, rates do
  local key, amount, _, unit = rate(i)
  local _, _, _, at = minute(key)
  if unit ~= 'requests' then
    keeps = true
    redis.call('HSET', KEYS[1], '~' .. key, amount, '!second', at)
  end
  if amount > 0 then -- a read-only query must not extend the window
    redis.call('HINCRBY', key, at, amount)
    redis.call('HINCRBY', key, 'n', amount)
    redis.call('HSET', key, 'l', at)
    redis.call('HSETNX', key, 't', at)
    redis.call('EXPIRE', key, 2 * WINDOW)
  end
end
if keeps then
  local life = tonumber(ARGV[4])
  local ends = now * 1000 + ms + life
  for i = 1, entries do
    redis.call('HINCRBY', KEYS[3 + i], 'held', ARGV[2 + 3 * i])
    keep(KEYS[3 + i], math.max(until_time(ARGV[4 + 3 * i], time), life + 2 * LATE_MS)) -- never shorter than its holds
    redis.call('HSET', KEYS[1], KEYS[3 + i], ARGV[2 + 3 * i])
  end
  redis.call('HSET', KEYS[1], '!', ends)
  redis.call('ZADD', KEYS[2], ends, ARGV[1])
  keep(KEYS[1], ENDLESS_MS) -- the sweeper ends it; these are for a Redis that all gateways have left
  keep(KEYS[2], ENDLESS_MS)
end
return {'ok', counters(), windows({})}
