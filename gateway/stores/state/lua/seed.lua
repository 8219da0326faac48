-- Raise counters to what the ledger says was spent, and note that there is a state at all.
--
-- KEYS  1 the mark: string, the microsecond in which it was set; 2.. one counter an amount: hash {spent, held}
-- ARGV  1.. amounts, decimal and not negative: the longer one is the larger
-- Out   the mark: another one than a worker knows means that its holds are lost
for i = 1, #ARGV do
  local known = redis.call('HGET', KEYS[i + 1], 'spent') or '0'
  if #ARGV[i] > #known or (#ARGV[i] == #known and ARGV[i] > known) then
    redis.call('HSET', KEYS[i + 1], 'spent', ARGV[i])
    redis.call('EXPIRE', KEYS[i + 1], 400 * 86400)
  end
end
local time = redis.call('TIME')
redis.call('SET', KEYS[1], time[1] .. string.format('%06d', time[2]), 'NX')
return redis.call('GET', KEYS[1])
