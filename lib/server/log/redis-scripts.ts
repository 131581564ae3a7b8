/**
 * The log in Redis: a stream whose entries are chained, so that a missing one is noticed whoever removed it.
 * An entry's fields are `p` (the id before it), `b` (the update as JSON text without its id) and, when the
 * clock had stepped back, `a` (its commit time, ms).
 */
export const KEYS = {
  stream: "{nowboard}:log",
  /**
   * Hash: `epoch`, `head` (the newest entry), `floor` (the newest one trimmed), `last` (the greatest id that was
   * ever given out).
   */
  meta: "{nowboard}:meta",
  /** Hash: `id` and `states`. */
  checkpoint: "{nowboard}:checkpoint",
  /** Never there; deleting it is a write that changes nothing. */
  probe: "{nowboard}:probe",
  /** Hash: `n`, the latest commit of this node, and `out`, what it answered; without `out` it is sealed. */
  commit: (node: string) => `{nowboard}:commit:${node}`,
  /** How far a stream has been read. */
  place: (hash: string) => `{nowboard}:place:${hash}`,
  /** `<id> <fingerprint>` of an append with an idempotency key. */
  once: (hash: string) => `{nowboard}:once:${hash}`,
} as const;

const COMMON = `
local function split(id)
  local ms, seq = string.match(id, '^(%d+)-(%d+)$')
  return tonumber(ms), tonumber(seq)
end
local function later(a, b)
  local am, as = split(a)
  local bm, bs = split(b)
  return am > bm or (am == bm and as > bs)
end
local function now()
  local t = redis.call('TIME')
  return t[1] * 1000 + math.floor(t[2] / 1000)
end
local function field(fields, name)
  for i = 1, #fields, 2 do
    if fields[i] == name then return fields[i + 1] end
  end
end
local function readable(stream, id, head)
  local after = redis.call('XRANGE', stream, '(' .. id, '+', 'COUNT', 1)[1]
  if after then return field(after[2], 'p') == id end
  return id == head
end
`;

/**
 * KEYS stream meta checkpoint probe; ARGV new epoch, newest id seen, the epoch it was seen in ('' for none).
 * Answers epoch, head, floor, checkpoint id, checkpoint states. Makes the log when there is none; names it anew
 * when entries are missing at its end, or the one seen is (L4), or when it has lost its name. A log that got its
 * new name from another node is not the one that `seen` belongs to.
 */
const OPEN = `${COMMON}
-- A replica does not have the log that everybody else sees. What cannot be written now can still be read.
local probe = redis.pcall('DEL', KEYS[4])
if type(probe) == 'table' and string.find(probe.err, 'READONLY') then return probe end
-- Where the entries begin that follow on each other up to the head.
local function unbroken(head)
  local place, to = head, '+'
  while true do
    local entries = redis.call('XREVRANGE', KEYS[1], to, '-', 'COUNT', 200)
    for _, entry in ipairs(entries) do
      if entry[1] ~= place then return place end
      place = field(entry[2], 'p')
      -- What somebody else put there follows on nothing.
      if not place then return entry[1] end
    end
    if #entries < 200 then return place end
    to = '(' .. entries[200][1]
  end
end
local m = redis.call('HMGET', KEYS[2], 'epoch', 'head', 'floor', 'last')
local epoch, head, floor, last = m[1], m[2], m[3], m[4]
local newest = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)[1]
local found = newest and newest[1]
local lost = not epoch
if not head then
  floor = found or '0-0'
  head = floor
  last = floor
elseif head ~= (found or floor) then
  lost = true
  -- What somebody else put at the end is no part of the log: it begins anew behind that.
  if not found then floor = head elseif later(found, head) or later(floor, found) then floor = found end
  head = found or head
  if later(head, last) then last = head end
elseif lost then
  floor = unbroken(head)
end
-- The stream takes no id below the greatest that it ever had, whoever put it there.
local top = field(redis.pcall('XINFO', 'STREAM', KEYS[1]), 'last-generated-id')
if top and later(top, last) then last = top end
local seen = ARGV[2]
if seen ~= '' and later(seen, last) then last = seen end
if seen ~= '' and not lost and later(seen, floor) and (ARGV[3] == '' or ARGV[3] == epoch) then
  lost = #redis.call('XRANGE', KEYS[1], seen, seen) == 0
end
if lost then
  epoch = ARGV[1]
  -- What lies before a hole can be read no more, so neither seeking nor a checkpoint may lead there.
  local ms, seq = split(floor)
  redis.call('XTRIM', KEYS[1], 'MINID', string.format('%.0f-%.0f', ms, seq + 1))
end
if lost or last ~= m[4] then
  redis.call('HSET', KEYS[2], 'epoch', epoch, 'head', head, 'floor', floor, 'last', last)
end
local c = redis.call('HMGET', KEYS[3], 'id', 'states')
if not c[1] or not c[2] or not readable(KEYS[1], c[1], head) then c = {'', ''} end
return {epoch, head, floor, c[1], c[2]}
`;

/**
 * KEYS stream meta commit more…; ARGV epoch, number of the commit, life of idempotency keys (ms), then for each
 * request: how many updates, where its once key is among the further keys (0: none), its fingerprint, how many places,
 * for each place where its key is, from where ('': anywhere) and to where it moves, and the updates.
 * Answers 'ok' and a line per request ('a <id>', 'r <id>', 'c' or 'p': a place was passed), or why nothing was stored:
 * 'epoch' (this is another log), 'sealed' (the node has given up on this commit).
 */
const APPEND = `${COMMON}
local m = redis.call('HMGET', KEYS[2], 'epoch', 'head', 'last')
if m[1] ~= ARGV[1] then return {'epoch'} end
local done = redis.call('HGET', KEYS[3], 'n')
if done and tonumber(done) >= tonumber(ARGV[2]) then return {'sealed'} end
local head = m[2]
local ms, seq = split(m[3])
local at = now()
local out = {}
local i = 4
while i <= #ARGV do
  local count, once, fingerprint = tonumber(ARGV[i]), tonumber(ARGV[i + 1]), ARGV[i + 2]
  local places = tonumber(ARGV[i + 3])
  i = i + 4
  local moved = i
  i = i + 3 * places
  local known = once > 0 and redis.call('GET', KEYS[3 + once])
  local repeated, passed = places > 0, false
  for j = moved, i - 1, 3 do
    local reached = redis.call('GET', KEYS[3 + tonumber(ARGV[j])]) or '0-0'
    local after = ARGV[j + 1]
    if after == '' or later(ARGV[j + 2], reached) then repeated = false end
    if after ~= '' and later(reached, after) then passed = true end
  end
  if repeated then
    out[#out + 1] = 'r ' .. head
  elseif passed then
    out[#out + 1] = 'p'
  elseif known then
    local id, print = string.match(known, '^(%S+) (.*)$')
    out[#out + 1] = print == fingerprint and ('r ' .. id) or 'c'
  else
    for j = i, i + count - 1 do
      if at > ms then ms = at; seq = 0 else seq = seq + 1 end
      local id = string.format('%.0f-%.0f', ms, seq)
      if at == ms then
        redis.call('XADD', KEYS[1], id, 'p', head, 'b', ARGV[j])
      else
        redis.call('XADD', KEYS[1], id, 'p', head, 'b', ARGV[j], 'a', string.format('%.0f', at))
      end
      head = id
    end
    if once > 0 then redis.call('SET', KEYS[3 + once], head .. ' ' .. fingerprint, 'PX', ARGV[3]) end
    for j = moved, i - 1, 3 do redis.call('SET', KEYS[3 + tonumber(ARGV[j])], ARGV[j + 2]) end
    out[#out + 1] = 'a ' .. head
  end
  i = i + count
end
redis.call('HSET', KEYS[2], 'head', head, 'last', string.format('%.0f-%.0f', ms, seq))
local answer = table.concat(out, '\\n')
redis.call('HSET', KEYS[3], 'n', ARGV[2], 'out', answer)
redis.call('PEXPIRE', KEYS[3], ARGV[3])
return {'ok', answer}
`;

/**
 * KEYS commit; ARGV number of the commit, life (ms). What it answered, or false: then it is sealed, so that a
 * request that is still on its way over a lost connection stores nothing later.
 */
const OUTCOMES = `
local c = redis.call('HMGET', KEYS[1], 'n', 'out')
if c[1] == ARGV[1] and c[2] then return c[2] end
-- In this order: a script that has begun with what needs no memory may go on in a Redis that is full.
redis.call('HDEL', KEYS[1], 'out')
redis.call('HSET', KEYS[1], 'n', ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return false
`;

/**
 * KEYS stream meta; ARGV epoch, id to read on from, most bytes. 'epoch', 'gone', or 'ok', head, then id, commit
 * time ('' when it is the id's) and body of each update. When an entry is there and what follows on it is not,
 * somebody removed it: the log loses its name, so that everybody opens it anew behind the hole.
 */
const READ = `${COMMON}
local m = redis.call('HMGET', KEYS[2], 'epoch', 'head', 'floor')
if m[1] ~= ARGV[1] then return {'epoch'} end
local from, most, bytes = ARGV[2], tonumber(ARGV[3]), 0
if not readable(KEYS[1], from, m[2]) then
  if from ~= m[3] and #redis.call('XRANGE', KEYS[1], from, from) == 0 then return {'gone'} end
  redis.call('HDEL', KEYS[2], 'epoch')
  return {'epoch'}
end
local out = {'ok', m[2]}
local more = true
while more do
  local entries = redis.call('XRANGE', KEYS[1], '(' .. from, '+', 'COUNT', 200)
  more = #entries == 200
  for _, entry in ipairs(entries) do
    local body = field(entry[2], 'b')
    bytes = bytes + #body
    if field(entry[2], 'p') ~= from or (#out > 2 and bytes > most) then return out end
    from = entry[1]
    out[#out + 1] = from
    out[#out + 1] = field(entry[2], 'a') or ''
    out[#out + 1] = body
  end
  if bytes >= most then return out end
end
return out
`;

/** KEYS meta; answers epoch and head. */
const HEAD = `return redis.call('HMGET', KEYS[1], 'epoch', 'head')`;

/** KEYS meta place…; answers the epoch and how far each has been read. */
const PLACES = `
local out = {redis.call('HGET', KEYS[1], 'epoch')}
for i = 2, #KEYS do out[i] = redis.call('GET', KEYS[i]) end
return out`;

/** KEYS stream meta; ARGV epoch, ms. The newest entry whose id's ms is below it, or the floor; 'epoch'. */
const SEEK = `
local m = redis.call('HMGET', KEYS[2], 'epoch', 'floor')
if m[1] ~= ARGV[1] then return 'epoch' end
local before = tonumber(ARGV[2]) - 1
local entry = before >= 0
  and redis.call('XREVRANGE', KEYS[1], string.format('%.0f', before), '-', 'COUNT', 1)[1]
return entry and entry[1] or m[2]
`;

/**
 * KEYS stream meta checkpoint; ARGV epoch, id, states. Another node may have saved a newer one, which stays, and
 * so does any when this one cannot be read on from.
 */
const SAVE_CHECKPOINT = `${COMMON}
local m = redis.call('HMGET', KEYS[2], 'epoch', 'head')
if m[1] ~= ARGV[1] then return 'epoch' end
if not readable(KEYS[1], ARGV[2], m[2]) then return 'ok' end
local saved = redis.call('HGET', KEYS[3], 'id')
if saved and later(saved, ARGV[2]) and not later(saved, m[2]) then return 'ok' end
redis.call('HSET', KEYS[3], 'id', ARGV[2], 'states', ARGV[3])
return 'ok'
`;

/**
 * KEYS stream meta checkpoint; ARGV epoch, retention (ms), most entries. One step: drops entries that are older
 * and covered by the checkpoint. 'epoch', or the floor and 1 when there may be more.
 */
const TRIM = `${COMMON}
local m = redis.call('HMGET', KEYS[2], 'epoch', 'floor', 'head')
if m[1] ~= ARGV[1] then return {'epoch'} end
local floor = m[2]
local covered = redis.call('HGET', KEYS[3], 'id')
if not covered or not readable(KEYS[1], covered, m[3]) then return {floor, 0} end
local before = now() - tonumber(ARGV[2])
local entries = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', ARGV[3])
local dropped = 0
for _, entry in ipairs(entries) do
  local ms = split(entry[1])
  if tonumber(field(entry[2], 'a') or ms) >= before or later(entry[1], covered) then break end
  floor = entry[1]
  dropped = dropped + 1
end
if dropped > 0 then
  local ms, seq = split(floor)
  redis.call('XTRIM', KEYS[1], 'MINID', string.format('%.0f-%.0f', ms, seq + 1))
  redis.call('HSET', KEYS[2], 'floor', floor)
end
return {floor, dropped == tonumber(ARGV[3]) and 1 or 0}
`;

/** Lua, so that each of these is one step for everybody. All run in one slot of a Redis cluster. */
export const SCRIPTS = {
  open: OPEN,
  append: APPEND,
  outcomes: OUTCOMES,
  read: READ,
  head: HEAD,
  places: PLACES,
  seek: SEEK,
  saveCheckpoint: SAVE_CHECKPOINT,
  trim: TRIM,
} as const;

export type ScriptName = keyof typeof SCRIPTS;
