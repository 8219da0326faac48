-- Remember who issued sealed blocks.
--
-- KEYS  one sealed block a key: string, its vendor
-- ARGV  1 seconds for which a key is kept after its last use, 2 the vendor
for _, key in ipairs(KEYS) do redis.call('SET', key, ARGV[2], 'EX', ARGV[1]) end
