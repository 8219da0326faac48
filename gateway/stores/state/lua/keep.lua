-- Stands before each of the other scripts of the state: what lives how long. Redis's own clock counts.
local DAY_MS = 86400000
local LATE_MS = 3600000 -- so long a late settlement may correct a hold that was booked at its estimate
local ENDLESS_MS = 400 * DAY_MS -- what nobody knows the end of

-- Let a key live for so long at least: what it has is never shortened. Without a time: only if it would live for ever.
local function keep(key, ms)
  local left = redis.call('PTTL', key)
  if left == -1 then
    redis.call('PEXPIRE', key, ms or ENDLESS_MS)
  elseif ms and left < ms then
    redis.call('PEXPIRE', key, ms)
  end
end

-- The milliseconds until a time in UTC seconds, "" for none.
local function until_time(seconds, time)
  if seconds == '' then return ENDLESS_MS end
  return (tonumber(seconds) - tonumber(time[1])) * 1000
end
