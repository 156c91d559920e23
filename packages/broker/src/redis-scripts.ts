/**
 * What has to happen in Redis in one step, in Lua. The time is that of the server: clocks of a fleet
 * differ. What others have put under our keys is replaced where it is in the way, never a failure.
 *
 * Keys of one identity share a hash tag, so that a cluster keeps them on one node:
 *
 * - `:token` is `FENCE MILLISECONDS SEALED`: under which lease it was kept, and when it was received
 * - `:refusal` is `FENCE SEALED`, and goes away by itself
 * - `:lease` is `FENCE RUN`, and goes away when its holder gives no sign of life
 * - `:fence` counts the leases
 */

/** Reads what the other scripts need: `text` is never an error, `fence` never missing. */
const prelude = `
local function text(key)
  local got = redis.pcall('GET', key)
  if type(got) == 'string' then return got end
  return ''
end
local function fence(of)
  return tonumber(string.match(of, '^(%d+) ')) or 0
end
local function now()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end
local function replace(key, ...)
  redis.call('DEL', key)
  redis.call('SET', key, ...)
end
`;

/** KEYS: token, refusal. Gives both, and the time. */
export const readScript = `${prelude}
return {text(KEYS[1]), text(KEYS[2]), string.format('%d', now())}`;

/** KEYS: token, lease, fence. ARGV: run, milliseconds. Gives the fence of a new lease, or 0. */
export const takeScript = `${prelude}
-- One without an end was never a lease.
if redis.call('PTTL', KEYS[2]) > 0 then return 0 end
local last = math.max(tonumber(text(KEYS[3])) or 0, fence(text(KEYS[1])))
local this = string.format('%d', last + 1)
replace(KEYS[3], this, 'PX', ${30 * 24 * 3_600_000})
replace(KEYS[2], this .. ' ' .. ARGV[1], 'PX', ARGV[2])
return last + 1`;

/** KEYS: lease. ARGV: fence and run, milliseconds. */
export const extendScript = `${prelude}
if text(KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])`;

/** KEYS: lease. ARGV: fence and run. */
export const releaseScript = `${prelude}
if text(KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`;

/**
 * KEYS: token, refusal, lease, fence. ARGV: fence, run, sealed, milliseconds, and the age of the token
 * in milliseconds; without it, a refusal is kept.
 * Gives 0, and keeps nothing, when a newer lease was given meanwhile.
 */
export const publishScript = `${prelude}
local mine = tonumber(ARGV[1])
if (tonumber(text(KEYS[4])) or 0) > mine or fence(text(KEYS[1])) >= mine then return 0 end
if ARGV[5] then
  replace(KEYS[1], string.format('%d %d ', mine, now() - ARGV[5]) .. ARGV[3], 'PX', ARGV[4])
  redis.call('DEL', KEYS[2])
else
  replace(KEYS[2], string.format('%d ', mine) .. ARGV[3], 'PX', ARGV[4])
end
if text(KEYS[3]) == ARGV[1] .. ' ' .. ARGV[2] then redis.call('DEL', KEYS[3]) end
return 1`;

/** KEYS: token, refusal, fence. ARGV: sealed, milliseconds, age. A token that is set, not signed in for. */
export const setScript = `${prelude}
local last = math.max(tonumber(text(KEYS[3])) or 0, fence(text(KEYS[1])))
replace(KEYS[3], string.format('%d', last + 1), 'PX', ${30 * 24 * 3_600_000})
replace(KEYS[1], string.format('%d %d ', last + 1, now() - ARGV[3]) .. ARGV[1], 'PX', ARGV[2])
redis.call('DEL', KEYS[2])
return last + 1`;

/** KEYS: token. ARGV: what was there. */
export const removeScript = `${prelude}
if text(KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`;

/**
 * KEYS: logins of a user, by minute. ARGV: limit. Counts one login of the last hour, or none when
 * there have been as many as the limit. Gives how many there have been, and after how many seconds
 * there is room again.
 */
export const countScript = `${prelude}
local minute = math.floor(now() / 60000)
local all = redis.pcall('HGETALL', KEYS[1])
if all.err then
  redis.call('DEL', KEYS[1])
  all = {}
end
local sum, oldest = 0, minute
for i = 1, #all, 2 do
  local at = tonumber(all[i]) or 0
  if at <= minute - 60 then
    redis.call('HDEL', KEYS[1], all[i])
  else
    sum = sum + (tonumber(all[i + 1]) or 0)
    oldest = math.min(oldest, at)
  end
end
if sum >= tonumber(ARGV[1]) then
  return {sum, math.ceil(((oldest + 60) * 60000 - now()) / 1000)}
end
redis.call('HINCRBY', KEYS[1], string.format('%d', minute), 1)
redis.call('EXPIRE', KEYS[1], 3660)
return {sum + 1, 0}`;
