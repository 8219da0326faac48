-- Find what each of many keys of a team carries; this is a use of each.
--
-- KEYS  1 the mark: string. The sessions lie in its slot, by their hash tag: hash, [kind, label] as JSON -> 1
-- ARGV  1 seconds for which a key is kept after its last use, 2 the prefix of a key's name,
--       3 the names as a JSON list: thousands of arguments take a client far longer than one
-- Out   for each key that is there its number and its fields; Redis's time in seconds and microseconds; the mark, ""
--       for none
local held = {}
for number, name in ipairs(cjson.decode(ARGV[3])) do
  local key = ARGV[2] .. name
  local found = redis.call('HKEYS', key)
  if #found > 0 then
    redis.call('EXPIRE', key, ARGV[1])
    table.insert(found, 1, tostring(number))
    held[#held + 1] = found
  end
end
local time = redis.call('TIME')
return {held, time[1], time[2], redis.call('GET', KEYS[1]) or ''}
