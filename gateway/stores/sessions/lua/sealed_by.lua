-- Say who issued sealed blocks of a team; this is a use of each.
--
-- KEYS  1 the mark, which is not touched: the blocks lie in its slot: string, its vendor
-- ARGV  1 seconds for which a key is kept after its last use, 2 the prefix of a key's name, 3 the names as a JSON list
-- Out   one vendor a name, null for unknown
local vendors = {}
for i, name in ipairs(cjson.decode(ARGV[3])) do
  local key = ARGV[2] .. name
  vendors[i] = redis.call('GET', key)
  if vendors[i] then redis.call('EXPIRE', key, ARGV[1]) end
end
return vendors
