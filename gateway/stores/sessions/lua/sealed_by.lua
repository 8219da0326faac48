-- Say who issued sealed blocks; this is a use of each.
--
-- KEYS  one sealed block a key: string, its vendor
-- ARGV  1 seconds for which a key is kept after its last use
-- Out   one vendor a key, null for unknown
local vendors = {}
for i, key in ipairs(KEYS) do
  vendors[i] = redis.call('GET', key)
  if vendors[i] then redis.call('EXPIRE', key, ARGV[1]) end
end
return vendors
