-- Book holds that outlived their deadline at what they held; they stay for an hour, for a settlement that comes late.
--
-- KEYS  1 the ends of all holds: sorted set, id -> its end in milliseconds
-- ARGV  1 the prefix of a hold's id in its key; holds and counters are in the slot of KEYS[1], by their hash tag;
--       2.. ids of holds whose process died: their deadline is over
-- Out   {id, {counter's key, amount, ...}} for each
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local swept = {}
for i = 2, #ARGV do redis.call('ZADD', KEYS[1], 'XX', 0, ARGV[i]) end
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, 99 + #ARGV)) do
  local key, amounts = ARGV[1] .. id, {}
  local held = redis.call('HGETALL', key)
  if #held == 0 or redis.call('HEXISTS', key, '!expired') == 1 then
    redis.call('DEL', key)
    redis.call('ZREM', KEYS[1], id)
  else
    for i = 1, #held, 2 do
      local first = string.sub(held[i], 1, 1)
      if first ~= '!' and first ~= '~' then
        if held[i + 1] ~= '0' then redis.call('HINCRBY', held[i], 'held', '-' .. held[i + 1]) end -- "-0" is not an integer
        redis.call('HINCRBY', held[i], 'spent', held[i + 1])
        keep(held[i], 2 * LATE_MS)
        amounts[#amounts + 1], amounts[#amounts + 2] = held[i], held[i + 1]
      end
    end
    if #amounts == 0 then -- it was counted by rates alone
      redis.call('DEL', key)
      redis.call('ZREM', KEYS[1], id)
    else
      redis.call('HSET', key, '!expired', 1)
      redis.call('ZADD', KEYS[1], now + LATE_MS, id)
      swept[#swept + 1] = {id, amounts}
    end
  end
end
return swept
