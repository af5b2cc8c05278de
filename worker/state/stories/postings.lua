-- Which stories own an anchor: read for a text, and written for a story that takes it on. Each step here is done for
-- every anchor of every text: so fields are unpacked together, and what most anchors do not need is not made.

-- Of the text that was read last: the low bits of each anchor, the stories that own it (nil where there are none, false where
-- it is dead), which places have owners, and how many are dead. `tags`, `names` and `buckets` are where the anchors stand in the current
-- epoch and all that is held there.
local low_bits, owners, owned, dead, tags, names, buckets = {}, {}, {}, 0, {}, {}, {}
local others_names = {}                -- in an earlier epoch
-- Tables that serve every text: one that grows from nothing is made anew six times.
local changed, stay, moved = {}, {}, {}
local GRAIN = 1024                     -- texts' anchors that share their bucket share these low bits
local written = {}                     -- low bits → the text that last wrote to such a bucket; by name, the table's growth took longer
local TAG = { [8] = 'xc3xxxx', [16] = 'xxc3xxx' } -- of an anchor, by the bits that chose its first bucket

-- The stories of a bucket that own an anchor, added to `list`; false when it is dead there.
-- `at` is where its tag was found first.
local function owners_in(held, tag, list, at)
  while at do
    if at % SLOT == 1 then
      local number = unpack_struct('<I4', held, at + 3)
      if number == DEAD then return false end
      list = list or {}
      list[#list + 1] = number
    end
    at = find_bytes(held, tag, at + 1, true)
  end
  return list
end

-- Buckets are named by their numbers, of 3 bytes.
local function bucket_name(b)
  local first = b % 256
  local rest = (b - first) / 256
  if rest < 256 then return char(first, rest, 0) end
  local second = rest % 256
  return char(first, second, (rest - second) / 256)
end

local function name_buckets(t, count, named)
  local size, split, twice = t.size, t.split, 2 * t.size
  for place = 1, count do
    local k = low_bits[place]
    local b = k % size
    if b < split then b = k % twice end
    local first = b % 256
    local rest = (b - first) / 256
    named[place] = rest < 256 and char(first, rest, 0) or bucket_name(b)
  end
end

local function read_postings(text)
  local anchors = text.anchors
  local count = #anchors / HASH
  text.count, owners, owned, dead = count, {}, {}, 0
  if count == 0 then return end
  low_bits = unpack_each('I4xxxx', anchors, count)
  for i = 1, #epochs do
    local t = epochs[i].A
    local named, marks = i == 1 and names or others_names, unpack_each(TAG[t.base], anchors, count)
    name_buckets(t, count, named)
    local all = call('HMGET', t.key, unpack(named, 1, count))
    if i == 1 then tags, buckets = marks, all end
    for place = 1, count do
      local held = all[place]
      local at = held and find_bytes(held, marks[place], 1, true)
      if at then
        local list = owners[place]
        if list ~= false then
          owners[place] = owners_in(held, marks[place], list, at)
          if list == nil and owners[place] ~= nil then owned[#owned + 1] = place end
        end
      end
    end
  end
  for i = 1, #owned do
    local list = owners[owned[i]]
    if not list or #list >= cfg.df_cap then
      owners[owned[i]] = false
      dead = dead + 1
    end
  end
end

-- The stories that share more anchors with a text than chance: number → { count, places = { place = true } }; nil when
-- there are none. Counted first, since most share one or two, and a table for each was a tenth of a claim.
local function shared_passages(text)
  local counts, shared = {}, nil
  text.live = text.count - dead
  for i = 1, #owned do
    local list = owners[owned[i]]
    for j = 1, list and #list or 0 do
      local number = list[j]
      local count = (counts[number] or 0) + 1
      counts[number] = count
      if count == cfg.min_anchors then
        shared = shared or {}
        shared[number] = { count = 0, places = {} }
      end
    end
  end
  if not shared then return nil end
  for i = 1, #owned do
    local place = owned[i]
    local list = owners[place]
    for j = 1, list and #list or 0 do
      local candidate = shared[list[j]]
      if candidate and not candidate.places[place] then -- once, in however many epochs
        candidate.places[place] = true
        candidate.count = candidate.count + 1
      end
    end
  end
  for number, candidate in pairs(shared) do
    if candidate.count < cfg.min_anchors then shared[number] = nil end
  end
  return next(shared) and shared
end

-- What of a text its site has not shown yet: the places of anchors that are alive, and how many words.
local function fresh_passages(text)
  if text.fresh then return text.fresh, text.fresh_words end
  if not text.shown then read_paragraphs(text) end
  text.fresh, text.fresh_words = {}, 0
  for place = 1, text.count do
    local block = byte(text.blocks, place)
    if owners[place] ~= false and block ~= 255 and not text.shown[block + 1] then text.fresh[place] = true end
  end
  for place = 1, #text.lengths do
    if not text.shown[place] then text.fresh_words = text.fresh_words + byte(text.lengths, place) end
  end
  return text.fresh, text.fresh_words
end

-- A bucket in which an anchor is dead, since `s` and so many others own it: one slot remembers that.
local function killed(held, tag, others, s)
  for i = 1, #others do
    if others[i] ~= s.number then lose_anchor(others[i]) end
  end
  local slots = { tag .. pack('<I4', DEAD) }
  for at = 1, #held, SLOT do
    local slot = sub(held, at, at + SLOT - 1)
    if sub(slot, 1, 3) ~= tag then slots[#slots + 1] = slot end
  end
  return table.concat(slots)
end

-- Splits as many buckets of postings as are due.
local function split_postings(t)
  local old, new, bits = {}, {}, {}
  while t.count > FILL_A * (t.size + t.split) do
    local size, number, bit = next_split(t)
    old[#old + 1], new[#new + 1], bits[#bits + 1] = bucket_name(number), bucket_name(number + size), bit
  end
  if #old == 0 then return end
  local held, last = call('HMGET', t.key, unpack(old)), 0
  for i = 1, #old do
    local count = held[i] and #held[i] / SLOT or 0
    local at, bit = 1 + math.floor(bits[i] / 8), 2 ^ (bits[i] % 8) -- of a slot: the byte and its bit that part them
    local sides = unpack_each(rep('x', at - 1) .. 'B' .. rep('x', SLOT - at), held[i] or '', count)
    local stays, moves, from = 0, 0, 1
    for j = 1, count do                -- neighbours that go the same way go as one
      local moving = sides[j] % (2 * bit) >= bit
      if j == count or moving ~= (sides[j + 1] % (2 * bit) >= bit) then
        local run = sub(held[i], from, j * SLOT)
        from = j * SLOT + 1
        if moving then
          moves = moves + 1
          moved[moves] = run
        else
          stays = stays + 1
          stay[stays] = run
        end
      end
    end
    if moves > 0 then
      changed[last + 1], changed[last + 2] = old[i], table.concat(stay, '', 1, stays)
      changed[last + 3], changed[last + 4] = new[i], table.concat(moved, '', 1, moves)
      last = last + 4
      epochs[1].bytes = epochs[1].bytes + BUCKET_BYTES
    end
  end
  if last > 0 then call('HSET', t.key, unpack(changed, 1, last)) end
end

-- Postings count stories, not copies, or sixty copies of one story would kill its anchors.
local function post(text, s, begins)
  if not text.count then read_postings(text) end
  local t, mine, live, begun = epochs[1].A, pack('<I4', s.number), s.live, 0
  local grain, last, bytes = math.min(GRAIN, t.size), 0, 0
  for place = 1, text.count do
    local list = owners[place]
    local is_owner = list == false
    if list and not begins then
      for i = 1, #list do is_owner = is_owner or list[i] == s.number end
    end
    if not is_owner then
      local name, tag, held, at = names[place], tags[place], buckets[place], last + 1
      local bits = low_bits[place] % grain
      if written[bits] == text then    -- perhaps in the same bucket
        for i = 1, last, 2 do
          if changed[i] == name then at, held = i, changed[i + 1] end
        end
      end
      written[bits] = text
      if not held then held, bytes = '', bytes + BUCKET_BYTES end
      local others = list and #list + 1 >= cfg.df_cap and owners_in(held, tag, {}, find_bytes(held, tag, 1, true))
      changed[at] = name
      if others and #others + 1 >= cfg.df_cap then
        changed[at + 1] = killed(held, tag, others, s)
        begun = begun + 1 - #others
      else
        changed[at + 1] = held .. tag .. mine
        live, begun = live + 1, begun + 1
        bytes = bytes + SLOT
      end
      if at > last then last = at + 1 end
    end
  end
  if last == 0 then return end
  call('HSET', t.key, unpack(changed, 1, last))
  s.live, t.count = live, t.count + begun
  epochs[1].bytes = epochs[1].bytes + bytes
  split_postings(t)
end
