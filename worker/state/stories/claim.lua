-- One verdict about one capture. ARGV: now, capture, address, exact text, anchors, their blocks, numbers,
-- paragraphs, measures, site. Answers in one string the story's name (8 bytes), the full id of the capture
-- it is `of` (32) and the verdict's row.
local capture, address_key, exact, anchors, blocks = ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6]
local site_name = ARGV[10]
local words, total, too_short, is_excerpt, origin, seen_at, published_at = struct.unpack('<HHBBI4I4I4', ARGV[9])
local text = { words = words, total = total, numbers = unpack_numbers(ARGV[7]) }
if seen_at == 0 then seen_at = math.floor(now) end

local function site_number()
  local number = call('HGET', P .. 'i', site_name)
  if not number then
    number = call('HINCRBY', P, 's', 1)
    call('HSET', P .. 'i', site_name, number)
    call('HSET', P .. 'j', number, site_name)
  end
  return tonumber(number)
end

-- What the site has shown before: paragraph → 5 bytes (story, addresses), or '!' for furniture.
local young, old = P .. 'f:' .. site_name, P .. 'o:' .. site_name
local paragraphs, shown = {}, {}
for at = 1, #ARGV[8], 6 do paragraphs[#paragraphs + 1] = string.sub(ARGV[8], at, at + 5) end
if #paragraphs > 0 then
  shown = call('HMGET', young, unpack(paragraphs))
  for i, value in ipairs(call('HMGET', old, unpack(paragraphs))) do shown[i] = shown[i] or value end
end

local function learn(number)
  if #paragraphs == 0 then return end
  local changed = {}
  for i, paragraph in ipairs(paragraphs) do
    local value = shown[i]
    if value ~= '!' then
      local story, addresses = number, 0
      if value then story, addresses = struct.unpack('<I4B', value) end
      if addresses > 0 and (story ~= number or addresses + 1 >= cfg.furniture_urls) then
        value = '!'
      else
        value = struct.pack('<I4B', number, addresses + 1)
      end
    end
    changed[#changed + 1] = paragraph
    changed[#changed + 1] = value
  end
  local first = call('HSET', young, unpack(changed))
  local length = call('HLEN', young)
  if length == first then call('EXPIRE', young, cfg.window_s) end
  if length > cfg.generation then
    call('RENAME', young, old)
    call('EXPIRE', old, cfg.window_s)
  end
end

-- The stories that own each anchor: false when it is dead. Read once. `keys`, `fields` and `tails` are where an
-- anchor stands in the current epoch and what is held there.
local owners, anchor_of, keys, fields, tails = {}, {}, {}, {}, {}

local function field_of(t, k)
  local high = math.floor(k / t.scale)
  return string.char(high % 256, math.floor(high / 256) % 256, math.floor(high / 65536) % 256)
end

local function read_postings()
  local count = #anchors / 6
  local halves = { struct.unpack('<' .. string.rep('I4H', count), anchors) }
  for place = 1, count do
    local k, list = halves[2 * place - 1] + halves[2 * place] * 4294967296, {}
    anchor_of[place] = k
    for i, one in ipairs(epochs) do
      local t = one.A
      local key, field = bucket(t, k), field_of(t, k)
      local posting = call('HGET', key, field)
      if i == 1 then keys[place], fields[place], tails[place] = key, field, posting or '' end
      if posting == '!' then
        list = false
        break
      elseif posting then
        for at = 1, #posting, 4 do list[#list + 1] = struct.unpack('<I4', posting, at) end
      end
    end
    owners[place] = list and #list < cfg.df_cap and list
  end
end

local function shared_passages()
  text.live, text.fresh, text.fresh_count = 0, {}, 0
  local shared = {}
  for place, list in ipairs(owners) do
    if list then
      text.live = text.live + 1
      local block = string.byte(blocks, place)
      if block ~= 255 and not shown[block + 1] then
        text.fresh[place] = true
        text.fresh_count = text.fresh_count + 1
      end
      for _, number in ipairs(list) do
        local candidate = shared[number] or { count = 0, places = {} }
        shared[number] = candidate
        if not candidate.places[place] then
          candidate.places[place] = true
          candidate.count = candidate.count + 1
        end
      end
    end
  end
  return shared
end

-- Postings count stories, not copies, or sixty copies of one story would kill its anchors.
local function post(s)
  if #owners == 0 then read_postings() end
  local t, mine, moved = epochs[1].A, struct.pack('<I4', s.number), false
  for place, list in ipairs(owners) do
    local owned = not list
    for _, number in ipairs(list or {}) do owned = owned or number == s.number end
    if not owned then
      local posting = tails[place] .. mine
      s.live = s.live + 1
      if #posting / 4 >= cfg.df_cap then
        for at = 1, #posting, 4 do
          local number = struct.unpack('<I4', posting, at)
          local other = number ~= s.number and load_story(number)
          if other then
            other.live = other.live - 1
            save_story(other)
          end
        end
        s.live = s.live - 1
        posting = '!'
      end
      local key = moved and bucket(t, anchor_of[place]) or keys[place]
      moved = put(t, key, fields[place], posting) or moved
    end
  end
end

local function answer(row)
  local r = unpack_row(row)
  local of = r.of ~= NOBODY and string.sub(member(r.of_story, r.of), 1, 32) or ''
  if #of < 32 then of = string.rep('\0', 32) end
  local name = story_name(r.story)
  return (#name == 8 and name or string.rep('\0', 8)) .. of .. row
end

local function row(kind, s, matched, of, index, version, reason, match)
  if kind == KIND.new and reason == REASON.none and version == 1 and s.fence == 1 and index == 0 then
    return struct.pack('<BI4', kind, s.number)
  end
  local shared, live, compared, agreed, ratio = 0, 0, 0, 0, 0
  if match then
    shared, live, compared, agreed = match.shared, match.live, match.compared, match.agreed
    ratio = math.min(65535, math.floor(100 * words / math.max(1, match.story.words) + 0.5))
  end
  local address = #address_key == 8 and address_key or string.rep('\0', 8)
  return struct.pack('<BI4I4HHHHBBBBBH', kind, s.number, matched.number, of, index, version, s.fence, reason, shared,
    live, compared, agreed, ratio) .. address .. string.sub(exact, 1, 8)
end

local function begin_story(kind)
  local number = call('HINCRBY', P, 'n', 1)
  return { number = number, state = STATE.pending, fence = 1, lease = math.floor(now) + cfg.lease_s, live = 0,
           words = words, total = total, canonical = 0, members = 0, excerpt = is_excerpt == 1,
           digest = kind == KIND.contained, epoch = epoch, origin = origin, site = text.site }
end

-- The kind, its reason, the story and how it matched; the story is nil for a text like no other.
local function decide(address)
  if address then
    if address.exact == string.sub(exact, 1, 6) then
      return KIND.recapture, REASON.same_url_same_text, address.story
    end
    if GOES_ON[address.kind] then return KIND.update, REASON.same_url, address.story end
  end
  if too_short == 1 then return KIND.new, REASON.too_short, nil end
  local number = find('x', exact)
  local same = number and load_story((struct.unpack('<I4', number)))
  if same then return KIND.exact_copy, REASON.same_text, same end
  if #owners == 0 then read_postings() end
  local kind, match = judge(text, shared_passages())
  if match then return kind, REASON.shared_passages, match.story, match end
  return KIND.new, REASON.none, nil
end

local function known_address()
  local packed = #address_key == 8 and find('u', address_key)
  if not packed then return nil end
  local number, version, kind, index = struct.unpack('<I4HBH', packed)
  local story = load_story(number)
  return story and { story = story, version = version, kind = kind, member = index, exact = string.sub(packed, 10) }
end

local function write(kind, reason, matched, match, address)
  local of = matched and kind ~= KIND.new and matched.canonical or NOBODY
  local version = 1
  if address then version = kind == KIND.recapture and address.version or math.min(65535, address.version + 1) end
  local s, owns, begins = matched, false, false
  if not matched or kind == KIND.contained or kind == KIND.related then
    s, owns, begins = begin_story(kind), true, true
  else
    local renews = kind == KIND.update and too_short == 0 and address.member == s.canonical
    owns = kind == KIND.new or kind == KIND.supersedes or renews
  end
  local key, field = story_key(s.number), story_field(s.number)
  local index = math.min(s.members, NOBODY - 1)
  local packed_row
  if owns and not begins then
    if kind ~= KIND.new then
      call('HSET', key, field .. 'p', s.packed, field .. 'q', call('HGET', key, field .. 'n') or '')
    end
    s.fence = s.fence % 65535 + 1
  end
  -- The row tells how the texts compared, so it is made before the story takes on the new text.
  packed_row = row(kind, s, matched or s, of, index, version, reason, match)
  if owns then
    s.state, s.lease, s.epoch = STATE.pending, math.floor(now) + cfg.lease_s, epoch
    s.words, s.total, s.excerpt, s.origin, s.site = words, total, is_excerpt == 1, origin, text.site
    s.canonical = index
    if not s.digest and too_short == 0 then post(s) end
  end
  s.members = math.min(NOBODY - 1, s.members + 1)
  call('HSET', key, member_field(s.number, index),
    capture .. struct.pack('<BI4I4I4', kind, seen_at, published_at, text.site))
  if owns then
    call('HSET', key, field .. 'n', ARGV[7])
    call('EXPIRE', key, ttl())
  end
  save_story(s)
  keep('c', capture, packed_row)
  if too_short == 0 and kind ~= KIND.recapture and kind ~= KIND.exact_copy then
    keep('x', exact, struct.pack('<I4', s.number))
  end
  if #address_key == 8 and kind ~= KIND.recapture then
    keep('u', address_key, struct.pack('<I4HBH', s.number, version, kind, index) .. string.sub(exact, 1, 6))
  end
  if not address and kind ~= KIND.contained then learn(s.number) end
  return packed_row
end

open_epochs(true)
local held = row_of(capture)
if held then
  local s = load_story(held.story)
  if s and s.state == STATE.pending and owner(s) == capture then
    s.lease = math.floor(now) + cfg.lease_s
    save_story(s)
  end
  save()
  return answer(held.packed)
end
text.site = site_number()
local address, kind, reason, matched, match
repeat
  local again = false
  address = known_address()
  kind, reason, matched, match = decide(address)
  if matched and kind ~= KIND.contained and kind ~= KIND.related and matched.state ~= STATE.stored then
    if matched.state == STATE.pending and now < matched.lease then
      save()
      return answer(row(KIND.pending_copy, matched, matched, matched.canonical, 0, 1, REASON.claimed, match))
    end
    again = release(matched)
    kind, reason, match = KIND.new, REASON.took_over, nil
  end
until not again
local packed = write(kind, reason, matched, match, address)
save()
return answer(packed)
