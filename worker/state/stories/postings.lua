-- Which stories own an anchor: read for a text, and written for a story that takes it on.
local NOTHING = {}                     -- most anchors are owned by nobody, which makes no table

-- The stories that own each anchor: false when it is dead. `keys`, `tags` and `buckets` are where an anchor stands in
-- the current epoch and all that is held there. The tables serve all texts of the batch.
local owners, low_bits, keys, tags, buckets, written = {}, {}, {}, {}, {}, {}

-- The stories of a bucket that own an anchor, added to `list`; false when it is dead there.
local function owners_in(held, tag, list)
  local at = place_of(held, tag, SLOT)
  while at do
    local number = unpack_struct('<I4', held, at + 3)
    if number == DEAD then return false end
    if number ~= 0 then
      if list == NOTHING then list = {} end
      list[#list + 1] = number
    end
    at = place_of(held, tag, SLOT, at + SLOT)
  end
  return list
end

-- All buckets of a text in one call: a call for each, of each epoch, took twice the time when all epochs held something.
local wanted = {}

local function read_postings(text)
  local anchors, count, asked, tables = text.anchors, #text.anchors / 6, 0, {}
  text.count = count
  if count == 0 then return end
  for i = 1, #epochs do tables[i] = epochs[i].A end
  for place = 1, count do
    local k = unpack_struct('<I4', anchors, 6 * place - 5)
    low_bits[place] = k
    for i = 1, #tables do
      asked = asked + 1
      wanted[asked] = bucket(tables[i], k)
    end
  end
  local answers, at = call('MGET', unpack(wanted, 1, asked)), 0
  for place = 1, count do
    local list = NOTHING
    for i = 1, #tables do
      at = at + 1
      local from = 6 * place - 5 + tables[i].base / 8
      local held, tag = answers[at] or '', sub(anchors, from, from + 2)
      if i == 1 then keys[place], tags[place], buckets[place] = wanted[at], tag, held end
      if list and held ~= '' then list = owners_in(held, tag, list) end
    end
    owners[place] = list and #list < cfg.df_cap and list
  end
end

-- The stories that share more anchors with a text than chance: number → { count, places = { place = true } }; nil when
-- there are none. Counted first, since most share one or two, and a table for each was a tenth of a claim.
local function shared_passages(text)
  local counts, latest, shared = {}, {}, nil
  text.live = 0
  for place = 1, text.count do
    local list = owners[place]
    if list then
      text.live = text.live + 1
      for i = 1, #list do
        local number = list[i]
        if latest[number] ~= place then -- once, in however many epochs
          latest[number] = place
          local count = (counts[number] or 0) + 1
          counts[number] = count
          if count == cfg.min_anchors then
            shared = shared or {}
            shared[number] = { count = 0, places = {} }
          end
        end
      end
    end
  end
  if not shared then return nil end
  for place = 1, text.count do
    local list = owners[place] or NOTHING
    for i = 1, #list do
      local candidate = shared[list[i]]
      if candidate and not candidate.places[place] then
        candidate.places[place] = true
        candidate.count = candidate.count + 1
      end
    end
  end
  return shared
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
  for _, number in ipairs(others) do
    local other = number ~= s.number and load_story(number)
    if other then
      other.live = other.live - 1
      save_story(other)
    end
  end
  local slots = { tag .. pack('<I4', DEAD) }
  for at = 1, #held, SLOT do
    local slot = sub(held, at, at + SLOT - 1)
    if slot ~= EMPTY and sub(slot, 1, 3) ~= tag then slots[#slots + 1] = slot end
  end
  write_postings(key, table.concat(slots), held == '')
  t.count = t.count - #others
end

-- Postings count stories, not copies, or sixty copies of one story would kill its anchors.
local function post(text, s, begins)
  if not text.count then read_postings(text) end
  local t, mine, moved = epochs[1].A, pack('<I4', s.number), false
  for place = 1, text.count do
    local list = owners[place]
    local owned = not list
    if list and not begins then
      for i = 1, #list do owned = owned or list[i] == s.number end
    end
    if not owned then
      local key, tag, held = keys[place], tags[place], buckets[place]
      if moved then key = bucket(t, low_bits[place]) end
      if moved or written[key] == text then held = call('GET', key) or '' end
      written[key] = text
      local others = #list + 1 >= cfg.df_cap and owners_in(held, tag, {})
      if others and #others + 1 >= cfg.df_cap then
        kill(t, key, held, tag, others, s)
      else
        s.live = s.live + 1
        local at = place_of(held, EMPTY, SLOT, #held > ROOM and #held - ROOM + 1 or 1)
        if at then
          call('SETRANGE', key, at - 1, tag .. mine)
        else
          write_postings(key, held .. tag .. mine, held == '')
        end
      end
      moved = grow(t, POSTING_BYTES, split_postings) or moved
    end
  end
end
