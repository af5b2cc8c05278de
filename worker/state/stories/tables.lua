-- Hash tables made of many small Redis hashes, so that each stays a listpack: a tenth of the memory of a key each.
-- They grow by linear hashing: one bucket is split at a time, so the cost of a claim stays flat and no size has to
-- be foretold. Source: Litwin, VLDB 1980. Each epoch has its own tables, which expire as a whole.
-- `cfg`, the rules, is written before this file as a table (redis_index.py).
-- Keys are not declared: all of them share the hash tag of KEYS[1], so in a cluster they lie in one slot.
local call = redis.call
local byte, sub, pack, unpack_struct, format = string.byte, string.sub, struct.pack, struct.unpack, string.format
local P = KEYS[1]
local now = tonumber(ARGV[1])
if not now then
  local time = call('TIME')
  now = time[1] + time[2] / 1e6
end
local WINDOW = 4                       -- epochs a window
local FILL = 64                        -- entries a bucket, on average; a listpack holds 512
local epoch = math.floor(now / cfg.epoch_s)
local KINDS = { A = 8, c = 4, x = 4, u = 4 } -- postings, captures, exact texts, addresses: least level of each
local MOST = { A = 16, c = 12, x = 12, u = 12 } -- levels to begin with: making the buckets holds up all others
local ORDER = { 'A', 'c', 'x', 'u' }
local KEY_BYTES, ENTRY_BYTES = 130, 5  -- of the server, for a key that expires and for an entry of a listpack
-- Postings lie in strings: a slot of 7 bytes for each owner of an anchor, 3 of the anchor and 4 of the story. As fields of
-- a hash each took 12, and each new one moved its listpack: with libc's malloc that was most of what grew with the index.
local SLOT, EMPTY = 7, string.rep('\0', 7)
local SPARE = 8                        -- a bucket is written with room for as many at most, behind all that it holds
local ROOM = SPARE * SLOT
local POSTING_BYTES = 7.5              -- with its share of the room
local DEAD = 4294967295                -- in place of a story: too many own this anchor
local SUBS = 1024                      -- generations an epoch may hold, at most
local GENERATION = 56                  -- bytes of one in the header
local epochs = {}                      -- newest first: { A = table, c = …, id = …, bytes = …, first = … }
local claimed = 0                      -- captures that this call took in

local function ttl()
  return math.ceil((epoch + WINDOW + 1) * cfg.epoch_s - now)
end

local function new_bucket(key, entries)
  -- The empty field keeps the bucket, and with it the expiry, when all else leaves it.
  call('HSET', key, '', '', unpack(entries))
  call('EXPIRE', key, ttl())
  epochs[1].bytes = epochs[1].bytes + KEY_BYTES
end

local function new_table(kind, id, level, base, split, count)
  local key = P .. kind .. id .. ':'
  -- Formatted, the name of a bucket takes half the time of a number's own way into text.
  return { key = key, name = key:gsub('%%', '%%%%') .. '%d', level = level, size = 2 ^ level, base = base, split = split, count = count }
end

local function save()
  local packed = {}
  for _, one in ipairs(epochs) do
    packed[#packed + 1] = pack('<I4I4d', one.id, one.first, one.bytes)
    for _, kind in ipairs(ORDER) do
      local t = one[kind]
      packed[#packed + 1] = pack('<BBI4I4', t.level, t.base, t.split, t.count)
    end
  end
  call('HSET', P, 'g', table.concat(packed))
end

local function begin_generation()
  local before = epochs[1]
  local id = epoch * SUBS
  if before and before.id >= id then id = before.id + 1 end
  local current = { id = id, first = tonumber(call('HGET', P, 'n') or 0) + 1, bytes = 0 }
  table.insert(epochs, 1, current)
  for _, kind in ipairs(ORDER) do
    local level = KINDS[kind]
    if before then level = math.max(level, math.min(before[kind].level - 3, MOST[kind])) end
    -- The field of a posting is 3 whole bytes of its anchor, above the bits that choose its first bucket.
    local t = new_table(kind, id, level, kind == 'A' and level - level % 8 or 0, 0, 0)
    if kind ~= 'A' then
      for b = 0, t.size - 1 do new_bucket(t.key .. b, {}) end
    end
    current[kind] = t
  end
end

local function is_full(one)
  return cfg.budget_bytes > 0 and one.bytes * WINDOW >= cfg.budget_bytes and one.id % SUBS < SUBS - 1
end

local function open_epochs(create)
  local packed = call('HGET', P, 'g') or ''
  for at = 1, #packed, GENERATION do
    local id, first, bytes = unpack_struct('<I4I4d', packed, at)
    if id >= (epoch - WINDOW) * SUBS then
      local one = { id = id, first = first, bytes = bytes }
      for j, kind in ipairs(ORDER) do
        local level, base, split, count = unpack_struct('<BBI4I4', packed, at + 6 + j * 10)
        one[kind] = new_table(kind, id, level, base, split, count)
      end
      epochs[#epochs + 1] = one
    end
  end
  if create and (not epochs[1] or epochs[1].id < epoch * SUBS or is_full(epochs[1])) then begin_generation() end
end

local function bucket(t, k)
  local b = k % t.size
  if b < t.split then b = k % (2 * t.size) end
  return format(t.name, b)
end

local function number_of(field)        -- the low bits that choose a bucket
  local a, b, c, d = byte(field, 1, 4)
  return a + b * 256 + c * 65536 + (d or 0) * 16777216
end

local function moves(t, field)          -- to the new bucket when its own is split
  return math.floor(number_of(field) / 2 ^ (t.level - t.base)) % 2 == 1
end

local function split_fields(t, old, new)
  local all = call('HGETALL', old)
  local moved, gone = {}, {}
  for i = 1, #all, 2 do
    if all[i] ~= '' and moves(t, all[i]) then
      moved[#moved + 1] = all[i]
      moved[#moved + 1] = all[i + 1]
      gone[#gone + 1] = all[i]
    end
  end
  new_bucket(new, moved)
  if #gone > 0 then call('HDEL', old, unpack(gone)) end
end

local function write_postings(key, slots, is_new)
  local room = SPARE - #slots / SLOT % SPARE
  call('SET', key, slots .. string.rep(EMPTY, room), 'EX', ttl())
  if is_new then epochs[1].bytes = epochs[1].bytes + KEY_BYTES end
end

local function split_postings(t, old, new)
  local all = call('GET', old) or ''
  local slots = { unpack_struct('<' .. string.rep('c7', #all / SLOT), all) }
  local bit = t.level - t.base
  local at = 1 + math.floor(bit / 8)   -- the byte of a slot that holds the bit which parts them
  local low, high = 2 ^ (bit % 8), 2 ^ (bit % 8 + 1)
  local stay, moved = {}, {}
  for i = 1, #all / SLOT do
    local slot = slots[i]
    if slot ~= EMPTY then
      local side = byte(slot, at) % high >= low and moved or stay
      side[#side + 1] = slot
    end
  end
  if #moved > 0 then
    write_postings(new, table.concat(moved), true)
    write_postings(old, table.concat(stay))
  end
end

-- A table of more entries splits its next bucket.
local function entries_before_split(t) return FILL * (t.size + t.split) end

-- Answers the name of the bucket that was split.
local function split_next(t, split_bucket)
  local old = t.key .. t.split
  split_bucket(t, old, t.key .. t.split + t.size)
  t.split = t.split + 1
  if t.split == t.size then
    t.level, t.size, t.split = t.level + 1, 2 * t.size, 0
  end
  return old
end

local function put(t, key, field, value)
  if call('HSET', key, field, value) == 0 then return end
  t.count = t.count + 1
  epochs[1].bytes = epochs[1].bytes + #field + #value + ENTRY_BYTES
  if t.count > entries_before_split(t) then split_next(t, split_fields) end
end

-- Captures, exact texts and addresses are found by the first 8 bytes of a digest.
local function find(kind, name)
  local field = sub(name, 1, 8)
  local k = number_of(field)
  for _, one in ipairs(epochs) do
    local value = call('HGET', bucket(one[kind], k), field)
    if value then return value, one end
  end
end

local function keep(kind, name, value)
  local field = sub(name, 1, 8)
  local t = epochs[1][kind]
  put(t, bucket(t, number_of(field)), field, value)
end

local function replace(kind, name, value)   -- in every epoch that holds it; without a value: remove it
  local field = sub(name, 1, 8)
  local k = number_of(field)
  for _, one in ipairs(epochs) do
    local key = bucket(one[kind], k)
    if call('HEXISTS', key, field) == 1 then
      if value then
        call('HSET', key, field, value)
      else
        call('HDEL', key, field)
        one[kind].count = one[kind].count - 1
      end
    end
  end
end
