-- Release a hold and book what it truly cost. Idempotent: a hold that is not there books nothing.
-- A call that ran without the hold that it requested is booked, too, once: "!booked" stays in the hold's place. Its
-- admission may still have happened, been given back, or been swept. If counters were lost since it was requested,
-- the ledger knows what it cost, and they were, or will be, raised by that.
--
-- KEYS  1 the hold: hash, as in admit.lua; 2 the ends of all holds: sorted set; 3 the mark: string
--       4.. one counter a charge: hash {spent, held}; then the counters and rates that the hold is of
-- ARGV  1 the hold's id, 2 charges, 3 the mark under which it ran without a hold, "" if it had one, then amount, until when the counter is kept, in UTC seconds ("" for unknown), a charge,
--       then the tokens that it truly took, "" if rates stay
-- Out   1 if it was booked, else 0
local WINDOW = 60
local charges = tonumber(ARGV[2])
local unheld = ARGV[3] ~= '' and charges > 0
local tokens = tonumber(ARGV[4 + 2 * charges])
local held = redis.call('HGETALL', KEYS[1])
if redis.call('HEXISTS', KEYS[1], '!booked') == 1 then return 0 end
if #held == 0 or redis.call('HEXISTS', KEYS[1], '!gone') == 1 then
  if #held == 0 and charges == 0 then -- its admission was given up, and may still be on its way: it must find nothing to do
    redis.call('HSET', KEYS[1], '!gone', 1)
    redis.call('EXPIRE', KEYS[1], WINDOW)
  end
  if not unheld or redis.call('GET', KEYS[3]) ~= ARGV[3] then return 0 end
end

local function correct(key, second, counted)
  local found = redis.call('HGET', key, second)
  if not found then return end -- it slid out
  local by = math.max(tokens - counted, -tonumber(found))
  redis.call('HINCRBY', key, 'n', by)
  if redis.call('HINCRBY', key, second, by) > 0 then return end
  redis.call('HDEL', key, second)
  local first, last = unpack(redis.call('HMGET', key, 't', 'l'))
  first, last = tonumber(first), tonumber(last)
  while last >= first and redis.call('HEXISTS', key, last) == 0 do last = last - 1 end
  if last < first then redis.call('DEL', key) else redis.call('HSET', key, 'l', last) end
end

local expired = redis.call('HEXISTS', KEYS[1], '!expired') == 1
local second = redis.call('HGET', KEYS[1], '!second')
for i = 1, #held, 2 do
  local name, amount = held[i], held[i + 1]
  local first = string.sub(name, 1, 1)
  if first == '~' and tokens then
    correct(string.sub(name, 2), second, tonumber(amount))
  elseif first ~= '~' and first ~= '!' and amount ~= '0' then -- "-0" is not an integer to Redis
    redis.call('HINCRBY', name, expired and 'spent' or 'held', '-' .. amount)
    keep(name)
  end
end
local time = redis.call('TIME')
for i = 1, charges do
  local ends = ARGV[3 + 2 * i]
  redis.call('HINCRBY', KEYS[3 + i], 'spent', ARGV[2 + 2 * i])
  keep(KEYS[3 + i], ends ~= '' and math.max(until_time(ends, time), LATE_MS) or nil)
end
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[1])
if unheld then
  redis.call('HSET', KEYS[1], '!booked', 1)
  redis.call('PEXPIRE', KEYS[1], DAY_MS)
end
return 1
