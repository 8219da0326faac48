-- Say which endpoints one worker keeps calls away from, and learn of which the others do.
--
-- KEYS  1 who keeps away from what: hash, worker -> JSON list of [target, endpoint, until in milliseconds, 1 if it is
--         saturated and not down]
-- ARGV  1 the worker, then of each endpoint: target, endpoint, milliseconds left, 1 or 0
-- Out   of each endpoint of another worker whose time is not over: target, endpoint, milliseconds left, 1 or 0
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local own = {}
for i = 2, #ARGV, 4 do
  own[#own + 1] = {ARGV[i], ARGV[i + 1], now + tonumber(ARGV[i + 2]), tonumber(ARGV[i + 3])}
end
if #own == 0 then
  redis.call('HDEL', KEYS[1], ARGV[1])
else
  redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(own))
  redis.call('EXPIRE', KEYS[1], 86400) -- each worker says it anew every second
end
local open = {}
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  local running = false
  for _, one in ipairs(cjson.decode(all[i + 1])) do
    if one[3] > now then
      running = true
      if all[i] ~= ARGV[1] then
        open[#open + 1], open[#open + 2], open[#open + 3], open[#open + 4] = one[1], one[2], one[3] - now, one[4]
      end
    end
  end
  if not running then redis.call('HDEL', KEYS[1], all[i]) end -- its worker is gone, or has nothing more to say
end
return open
