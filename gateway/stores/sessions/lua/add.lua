-- Add labels to each of some keys of a team; what is there stays.
--
-- KEYS  1 the mark, which is not touched: the sessions lie in its slot: hash, [kind, label] as JSON -> 1
-- ARGV  1 seconds for which a key is kept after its last use, 2 the prefix of a key's name, 3 the names as a JSON
--       list, 4.. fields
for _, name in ipairs(cjson.decode(ARGV[3])) do
  local key = ARGV[2] .. name
  for i = 4, #ARGV do redis.call('HSET', key, ARGV[i], 1) end
  redis.call('EXPIRE', key, ARGV[1])
end
