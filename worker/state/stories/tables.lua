-- Hash tables made of many small Redis hashes, so that each stays a listpack: a tenth of the memory of a key each. Those of
-- postings are one Redis hash whose fields are the buckets.
-- They grow by linear hashing: one bucket is split at a time, so the cost of a claim stays flat and no size has to
-- be foretold. Source: Litwin, VLDB 1980. Each epoch has its own tables, which expire as a whole.
-- `cfg`, the rules, is written before this file as a table (redis_index.py).
-- Keys are not declared: all of them share the hash tag of KEYS[1], so in a cluster they lie in one slot.
local call = redis.call
local byte, char, sub, rep, format = string.byte, string.char, string.sub, string.rep, string.format
local pack, unpack_struct = struct.pack, struct.unpack
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
-- A slot of 7 bytes for each owner of an anchor, 3 of the anchor and 4 of the story, and nothing else, in a string a bucket.
-- All buckets of a text are read by one command and written by one: as a key each, that was half of a claim.
local SLOT = 7
local FILL_A = 24                      -- postings a bucket, on average: it is read and written whole
local BUCKET_BYTES = 40                -- of the server, for a bucket of postings
local DEAD = 4294967295                -- in place of a story: too many own this anchor
local SUBS = 1024                      -- generations an epoch may hold, at most
local GENERATION = 56                  -- bytes of one in the header
local epochs = {}                      -- newest first: { A = table, c = …, id = …, bytes = …, first = … }
local gone = {}                        -- postings of epochs that are over
local claimed = 0                      -- captures that this call took in

local function ttl()
  return math.ceil((epoch + WINDOW + 1) * cfg.epoch_s - now)
end

local function new_bucket(key, entries, lives)
  -- The empty field keeps the bucket, and with it the expiry, when all else leaves it.
  call('HSET', key, '', '', unpack(entries))
  call('EXPIRE', key, lives or ttl())
  epochs[1].bytes = epochs[1].bytes + KEY_BYTES
end

local HASH = 8                         -- bytes of an anchor or a paragraph, as the client sends them
local formats = {}                     -- as met in this batch

-- What `field` unpacks of each of so many in a row; one call for all takes half the time of one for each.
local function unpack_each(field, packed, count)
  local known = formats[field] or {}
  formats[field] = known
  known[count] = known[count] or '<' .. rep(field, count)
  return { unpack_struct(known[count], packed) }
end

local function new_table(kind, id, level, base, split, count)
  local key = P .. kind .. id .. (kind == 'A' and '' or ':')
  -- Formatted, the name of a bucket takes half the time of a number's own way into text.
  return { key = key, name = key:gsub('%%', '%%%%') .. '%d', level = level, size = 2 ^ level, base = base, split = split, count = count }
end

local function save()
  if #gone > 0 then call('UNLINK', unpack(gone)) end
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
    if kind == 'A' then
      -- An epoch longer than it is asked for: at its end `save` removes it, which holds up nobody, as expiry would.
      new_bucket(t.key, {}, ttl() + math.ceil(cfg.epoch_s))
    else
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
    else
      gone[#gone + 1] = P .. 'A' .. id
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

local function split_fields(old, new, bit)
  local all = call('HGETALL', old)
  local moved, gone = {}, {}
  for i = 1, #all, 2 do
    if all[i] ~= '' and number_of(all[i]) % (2 * bit) >= bit then
      moved[#moved + 1] = all[i]
      moved[#moved + 1] = all[i + 1]
      gone[#gone + 1] = all[i]
    end
  end
  new_bucket(new, moved)
  if #gone > 0 then call('HDEL', old, unpack(gone)) end
end

-- The next bucket of a table is split: how many there were, which one, and the bit of a field that parts it.
local function next_split(t)
  local size, old, bit = t.size, t.split, t.level - t.base
  t.split = old + 1
  if t.split == size then
    t.level, t.size, t.split = t.level + 1, 2 * size, 0
  end
  return size, old, bit
end

local function put(t, key, field, value)
  if call('HSET', key, field, value) == 0 then return end
  t.count = t.count + 1
  epochs[1].bytes = epochs[1].bytes + #field + #value + ENTRY_BYTES
  if t.count > FILL * (t.size + t.split) then
    local size, old, bit = next_split(t)
    split_fields(t.key .. old, t.key .. old + size, 2 ^ bit)
  end
end

-- Captures, exact texts and addresses are found by the first 8 bytes of a digest. What is kept was looked for, mostly: so the
-- field and the bucket are remembered.
local last_name, last_field, last_key = {}, {}, {}

local function look_up(kind, name)
  if last_name[kind] ~= name then
    local field = sub(name, 1, 8)
    last_name[kind], last_field[kind] = name, field
    last_key[kind] = bucket(epochs[1][kind], number_of(field))
  end
  return last_key[kind], last_field[kind]
end

local function find(kind, name)
  if not epochs[1] then return nil end
  local key, field = look_up(kind, name)
  local value = call('HGET', key, field)
  if value then return value, epochs[1] end
  for i = 2, #epochs do
    value = call('HGET', bucket(epochs[i][kind], number_of(field)), field)
    if value then return value, epochs[i] end
  end
end

local function keep(kind, name, value)
  local key, field = look_up(kind, name)
  put(epochs[1][kind], key, field, value)
  last_name[kind] = nil                -- the bucket may have been split
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
