-- Find what any of many keys carried; this is a use of each.
--
-- KEYS  1 the mark: string; 2.. one session a key: hash, [kind, label] as JSON -> 1
-- ARGV  1 seconds for which a key is kept after its last use
-- Out   the fields of all keys, each once; Redis's time in seconds and microseconds; the mark, "" for none
local seen, fields = {}, {}
for i = 2, #KEYS do
  local found = redis.call('HKEYS', KEYS[i])
  if #found > 0 then redis.call('EXPIRE', KEYS[i], ARGV[1]) end
  for _, field in ipairs(found) do
    if not seen[field] then
      seen[field] = true
      fields[#fields + 1] = field
    end
  end
end
local time = redis.call('TIME')
return {fields, time[1], time[2], redis.call('GET', KEYS[1]) or ''}
