-- Release a hold and book what it truly cost. Idempotent: a hold that is not there books nothing.
--
-- KEYS  1 the hold: hash, as in admit.lua; 2 the ends of all holds: sorted set
--       3.. one counter a charge: hash {spent, held}; then the counters that the hold is of
-- ARGV  1 the hold's id, 2 charges, 3.. one amount a charge
-- Out   1 if it was booked, else 0
local held = redis.call('HGETALL', KEYS[1])
if #held == 0 then return 0 end
local expired = redis.call('HEXISTS', KEYS[1], '!expired') == 1
for i = 1, #held, 2 do
  if string.sub(held[i], 1, 1) ~= '!' and held[i + 1] ~= '0' then -- "-0" is no integer to Redis
    redis.call('HINCRBY', held[i], expired and 'spent' or 'held', '-' .. held[i + 1])
  end
end
for i = 1, tonumber(ARGV[2]) do redis.call('HINCRBY', KEYS[2 + i], 'spent', ARGV[2 + i]) end
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[1])
return 1
