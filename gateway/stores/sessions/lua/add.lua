-- Add labels to each of some keys; what is there stays.
--
-- KEYS  one session a key: hash, [kind, label] as JSON -> 1
-- ARGV  1 seconds for which a key is kept after its last use, 2.. fields
for _, key in ipairs(KEYS) do
  for i = 2, #ARGV do redis.call('HSET', key, ARGV[i], 1) end
  redis.call('EXPIRE', key, ARGV[1])
end
