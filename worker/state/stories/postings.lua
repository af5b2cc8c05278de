-- Which stories own an anchor: read for a text, and written for a story that takes it on. Each step here is done for
-- every anchor of every text: so fields are unpacked together, and what most anchors do not need is not made.
local NOTHING = {}                     -- most anchors are owned by nobody, which makes no table
local find_bytes, rep = string.find, string.rep

-- Of the text that was read last: the low bits of each anchor, the stories that own it (false when it is dead), which
-- places have owners, and how many are dead. `tags`, `names` and `buckets` are where the anchors stand in the current
-- epoch and all that is held there; other epochs follow in the last two.
local low_bits, owners, owned, dead, tags, names, buckets = {}, {}, {}, 0, {}, {}, {}
local GRAIN = 1024                     -- texts' anchors that share their bucket share these low bits
local written = {}                     -- low bits → the text that last wrote to such a bucket; by name, the table's growth took longer
local formats = {}                     -- of so many anchors, as met in this batch
local TAG = { [8] = 'xc3xx', [16] = 'xxc3x' } -- of an anchor, by the bits that chose its first bucket

-- The stories of a bucket that own an anchor, added to `list`; false when it is dead there.
-- `at` is where its tag was found first.
local function owners_in(held, tag, list, at)
  while at do
    if at % SLOT == 1 then
      local number = unpack_struct('<I4', held, at + 3)
      if number == DEAD then return false end
      if number ~= 0 then
        if list == NOTHING then list = {} end
        list[#list + 1] = number
      end
    end
    at = find_bytes(held, tag, at + 1, true)
  end
  return list
end

-- What `field` unpacks of each of so many anchors; one call for all takes half the time of one for each.
local function unpack_each(field, anchors, count)
  local known = formats[field] or {}
  formats[field] = known
  known[count] = known[count] or '<' .. rep(field, count)
  return { unpack_struct(known[count], anchors) }
end

-- All buckets of a text in one call: a call for each, of each epoch, took twice the time when all epochs held something.
local function read_postings(text)
  local anchors = text.anchors
  local count, asked = #anchors / 6, 0
  text.count, owned, dead = count, {}, 0
  if count == 0 then return end
  low_bits = unpack_each('I4xx', anchors, count)
  for i = 1, #epochs do
    local t = epochs[i].A
    local name, size, split, twice = t.name, t.size, t.split, 2 * t.size
    for place = 1, count do
      local k = low_bits[place]
      local b = k % size
      if b < split then b = k % twice end
      names[asked + place] = format(name, b)
    end
    asked = asked + count
  end
  buckets = call('MGET', unpack(names, 1, asked))
  for place = 1, count do owners[place] = NOTHING end
  for i = 1, #epochs do
    local mine, before = unpack_each(TAG[epochs[i].A.base], anchors, count), (i - 1) * count
    if i == 1 then tags = mine end
    for place = 1, count do
      local held = buckets[before + place]
      local at = held and find_bytes(held, mine[place], 1, true)
      if at then
        local list = owners[place]
        local longer = list and owners_in(held, mine[place], list, at)
        if list == NOTHING and longer ~= NOTHING then owned[#owned + 1] = place end
        owners[place] = longer
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
    if owners[place] and block ~= 255 and not text.shown[block + 1] then text.fresh[place] = true end
  end
  for place = 1, #text.lengths do
    if not text.shown[place] then text.fresh_words = text.fresh_words + byte(text.lengths, place) end
  end
  return text.fresh, text.fresh_words
end

-- An anchor that `s` and so many others own says nothing: one slot remembers that.
local function kill(t, key, held, tag, others, s)
  for i = 1, #others do
    if others[i] ~= s.number then lose_anchor(others[i]) end
  end
  local slots = { tag .. pack('<I4', DEAD) }
  for at = 1, #held, SLOT do
    local slot = sub(held, at, at + SLOT - 1)
    if slot ~= EMPTY and sub(slot, 1, 3) ~= tag then slots[#slots + 1] = slot end
  end
  write_postings(key, table.concat(slots), held == '')
  t.count = t.count - #others
end

-- Where a bucket has room, if it has: behind all that it holds.
local function room_in(held)
  local at = find_bytes(held, EMPTY, -ROOM, true)
  if not at then return nil end
  at = at + (1 - at) % SLOT            -- the last story's high bytes are zeros as well
  if sub(held, at, at + SLOT - 1) == EMPTY then return at end
  return place_of(held, EMPTY, SLOT, at)
end

-- Postings count stories, not copies, or sixty copies of one story would kill its anchors.
local function post(text, s, begins)
  if not text.count then read_postings(text) end
  local t, mine, parted = epochs[1].A, pack('<I4', s.number), {}
  local most, live, begun, grain = entries_before_split(t), s.live, 0, math.min(GRAIN, t.size)
  for place = 1, text.count do
    local list = owners[place]
    local mine_already = not list
    if list and list ~= NOTHING and not begins then
      for i = 1, #list do mine_already = mine_already or list[i] == s.number end
    end
    if not mine_already then
      local key, tag, held = names[place], tags[place], buckets[place] or ''
      if parted[key] then key = bucket(t, low_bits[place]) end
      local bits = low_bits[place] % grain
      if parted[names[place]] or written[bits] == text then held = call('GET', key) or '' end
      written[bits] = text
      local others = #list + 1 >= cfg.df_cap and owners_in(held, tag, {}, find_bytes(held, tag, 1, true))
      if others and #others + 1 >= cfg.df_cap then
        kill(t, key, held, tag, others, s)
      else
        live = live + 1
        local at = room_in(held)
        if at then
          call('SETRANGE', key, at - 1, tag .. mine)
        else
          write_postings(key, held .. tag .. mine, held == '')
        end
      end
      begun = begun + 1
      t.count = t.count + 1
      if t.count > most then
        parted[split_next(t, split_postings)] = true
        most = entries_before_split(t)
      end
    end
  end
  s.live = live
  epochs[1].bytes = epochs[1].bytes + POSTING_BYTES * begun
end
