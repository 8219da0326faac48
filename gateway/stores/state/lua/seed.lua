-- Raise counters to what the ledger says was spent, and note that there is a state at all.
--
-- KEYS  1 the mark: string, the microsecond in which it was set; 2.. one counter an amount: hash {spent, held}
-- ARGV  amount, decimal and not negative: the longer one is the larger, and until when it is kept, in UTC seconds ("" for
--       unknown), a counter
-- Out   the mark: another one than a worker knows means that its holds are lost
local time = redis.call('TIME')
for i = 1, #ARGV / 2 do
  local amount = ARGV[2 * i - 1]
  local known = redis.call('HGET', KEYS[i + 1], 'spent') or '0'
  if #amount > #known or (#amount == #known and amount > known) then
    redis.call('HSET', KEYS[i + 1], 'spent', amount)
    keep(KEYS[i + 1], math.max(until_time(ARGV[2 * i], time), LATE_MS))
  end
end
redis.call('SET', KEYS[1], time[1] .. string.format('%06d', time[2]), 'NX')
return redis.call('GET', KEYS[1])
