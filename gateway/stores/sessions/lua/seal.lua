-- Remember who issued sealed blocks of a team.
--
-- KEYS  1 the mark, which is not touched: the blocks lie in its slot: string, its vendor
-- ARGV  1 seconds for which a key is kept after its last use, 2 the prefix of a key's name, 3 the names as a JSON
--       list, 4 the vendor
for _, name in ipairs(cjson.decode(ARGV[3])) do redis.call('SET', ARGV[2] .. name, ARGV[4], 'EX', ARGV[1]) end
