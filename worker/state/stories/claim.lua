-- One verdict about each of some captures, in order. ARGV: now, then a string for each capture: measures, the id (32 bytes),
-- the exact text (16) and eight parts with the length of each before it, as 16 bits: address, anchors, their blocks,
-- numbers, paragraphs, their lengths, site and its domains. Anchors and paragraphs are 48 bits, in 8 bytes each. Answers for
-- each one string: the story's name
-- (8 bytes), the full id of the capture it is `of` (32) and the verdict's row.
-- Lua's garbage was half of a claim's cost: what is the same for a whole batch is made once.
local STORY_BYTES = 28 + 1 + 2 + 2 * ENTRY_BYTES
local function answer(row)
  local r = unpack_row(row)
  local of = r.of ~= NOBODY and sub(member(r.of_story, r.of), 1, 32) or ''
  if #of < 32 then of = string.rep('\0', 32) end
  local name = story_name(r.story)
  return (#name == 8 and name or string.rep('\0', 8)) .. of .. row
end

-- What is told as evidence: the low bits of the first, middle and last shared anchor, three numbers that agree, and three
-- that the other text lacks.
local function three(numbers)
  local packed = ''
  for i = 1, math.min(3, #numbers) do packed = packed .. pack('<H', numbers[i]) end
  return packed .. string.rep('\0', 6 - #packed)
end

local function evidence(text, match)
  if not match or not match.candidate then return '' end
  local places, shown = {}, ''
  for place = 1, text.count do
    if match.candidate.places[place] then places[#places + 1] = place end
  end
  local before
  for _, at in ipairs({ 1, math.floor(#places / 2) + 1, #places }) do
    local place = places[at]
    if place ~= before then shown = shown .. sub(text.anchors, HASH * place - 7, HASH * place - 6) end
    before = place
  end
  return shown .. string.rep('\0', 6 - #shown) .. three(match.numbers)
    .. three(only_in(text.numbers, match.held, match.story.total))
end

local function row(text, kind, s, matched, of, index, version, reason, match)
  if kind == KIND.new and reason == REASON.none and version == 1 and s.fence == 1 and index == 0 then
    return pack('<BI4', kind, s.number)
  end
  local shared, live, compared, agreed, ratio = 0, 0, 0, 0, 0
  if match then
    shared, live, compared, agreed = match.shared, match.live, match.compared, match.agreed
    ratio = math.min(65535, math.floor(100 * text.words / math.max(1, match.story.words) + 0.5))
  end
  local address = #text.address == 8 and text.address or string.rep('\0', 8)
  -- A text the story held before is not this capture's to withdraw.
  local exact, held = sub(text.exact, 1, 8), find('x', text.exact)
  if held and unpack_struct('<I4', held) == s.number then exact = string.rep('\0', 8) end
  return pack('<BI4I4HHHHBBBBBH', kind, s.number, matched.number, of, index, version, s.fence, reason, shared, live,
    compared, agreed, ratio) .. address .. exact .. evidence(text, match)
end

local function begin_story(text, kind)
  return { number = call('HINCRBY', P, 'n', 1), state = STATE.pending, fence = 1, lease = math.floor(now) + cfg.lease_s,
           live = 0, words = text.words, total = text.total, canonical = 0, members = 0, excerpt = text.excerpt, rank = text.rank,
           digest = kind == KIND.contained, epoch = epoch, origin = text.origin, site = text.site }
end

-- The kind, its reason, the story and how it matched; the story is nil for a text like no other.
local function decide(text, address)
  if address then
    if address.exact == sub(text.exact, 1, 6) then
      return KIND.recapture, REASON.same_url_same_text, address.story
    end
    if GOES_ON[address.kind] then return KIND.update, REASON.same_url, address.story end
  end
  if text.too_short then return KIND.new, REASON.too_short, nil end
  local number = find('x', text.exact)
  local same = number and load_story((unpack_struct('<I4', number)))
  if same then return KIND.exact_copy, REASON.same_text, same end
  if not text.count then read_postings(text) end
  local shared = shared_passages(text)
  if not shared then return KIND.new, REASON.none, nil end
  local kind, match = judge(text, shared, fresh_passages)
  if match then return kind, REASON.shared_passages, match.story, match end
  return KIND.new, REASON.none, nil
end

-- Why a copy should stand for the story instead of the held text (judge.py: `better`); nil when it should not.
local function better(text, kind, s)
  if kind ~= KIND.exact_copy and kind ~= KIND.near_copy then return nil end
  if text.excerpt or text.words < cfg.not_shorter * s.words then return nil end
  if text.rank ~= s.rank then return text.rank < s.rank and REASON.better_source or nil end
  if s.origin ~= 0 and text.site ~= s.site then
    for at = 1, #text.domains, 4 do
      if unpack_struct('<I4', text.domains, at) == s.origin then return REASON.original_source end
    end
  end
  if text.origin ~= 0 or cfg.earlier_by_s == 0 or not text.exactly or text.published_at == 0 then return nil end
  local canonical = s.canonical ~= NOBODY and member(s.number, s.canonical) or ''
  if #canonical < 45 or byte(canonical, 33) < EXACTLY then return nil end
  local published_at = unpack_struct('<I4', canonical, 38)
  return published_at ~= 0 and text.published_at + cfg.earlier_by_s <= published_at and REASON.published_earlier or nil
end

local function known_address(text)
  local packed = #text.address == 8 and find('u', text.address)
  if not packed then return nil end
  local number, version, kind, index = unpack_struct('<I4HBH', packed)
  local story = load_story(number)
  return story and { story = story, version = version, kind = kind, member = index, exact = sub(packed, 10) }
end

-- What a story, or one more member of it, adds to the bytes held.
local function weigh_story(begins, member_bytes, numbers_bytes)
  local bytes = member_bytes + 3 + ENTRY_BYTES
  if begins then bytes = bytes + STORY_BYTES + numbers_bytes + KEY_BYTES / 16 end
  epochs[1].bytes = epochs[1].bytes + bytes
end

local function write(text, kind, reason, matched, match, address)
  local of = matched and kind ~= KIND.new and matched.canonical or NOBODY
  local version = 1
  if address then version = kind == KIND.recapture and address.version or math.min(65535, address.version + 1) end
  local s, owns, begins = matched, false, false
  if not matched or kind == KIND.contained or kind == KIND.related then
    s, owns, begins = begin_story(text, kind), true, true
  else
    local renews = kind == KIND.update and not text.too_short and address.member == s.canonical
    owns = kind == KIND.new or kind == KIND.supersedes or renews
  end
  local key, field = story_key(s.number), story_field(s.number)
  local index = math.min(s.members, NOBODY - 1)
  if owns and not begins then
    if kind ~= KIND.new then
      call('HSET', key, field .. 'p', s.packed, field .. 'q', call('HGET', key, field .. 'n') or '')
      s.before = true
    end
    s.fence = s.fence % 65535 + 1
  end
  -- The row tells how the texts compared, so it is made before the story takes on the new text.
  local packed_row = row(text, kind, s, matched or s, of, index, version, reason, match)
  if owns then
    s.state, s.lease, s.epoch = STATE.pending, math.floor(now) + cfg.lease_s, epoch
    s.words, s.total, s.excerpt, s.origin, s.site = text.words, text.total, text.excerpt, text.origin, text.site
    s.canonical, s.rank = index, text.rank
    if not s.digest and not text.too_short then post(text, s, begins) end
  end
  s.members = math.min(NOBODY - 1, s.members + 1)
  local seen = text.capture .. pack('<BI4I4I4', kind + (text.exactly and EXACTLY or 0), text.seen_at, text.published_at, text.site)
  weigh_story(begins, #seen, #text.packed_numbers)
  if owns then
    call('HSET', key, member_field(s.number, index), seen, field .. 'n', text.packed_numbers, field, packed_story(s))
    -- Stories of one generation that share a key expire together: the first told when.
    if not begins or s.number % 16 == 0 or s.number == epochs[1].first then call('EXPIRE', key, ttl()) end
  else
    call('HSET', key, member_field(s.number, index), seen, field, packed_story(s))
  end
  keep('c', text.capture, packed_row)
  claimed = claimed + 1
  if not text.too_short and kind ~= KIND.recapture and kind ~= KIND.exact_copy then
    keep('x', text.exact, pack('<I4', s.number))
  end
  if #text.address == 8 and kind ~= KIND.recapture then
    keep('u', text.address, pack('<I4HBH', s.number, version, kind, index) .. sub(text.exact, 1, 6))
  end
  if not address and kind ~= KIND.contained then learn(text, s.number) end
  return packed_row, s
end

local TEXT = '<HHBBBBI4I4I4c32c16' .. rep('Hc0', 8)

local function text_of(packed)
  local words, total, too_short, excerpt, exactly, rank, origin, seen_at, published_at, capture, exact,
    address, anchors, blocks, numbers, shows, lengths, site_name, domains = unpack_struct(TEXT, packed)
  return { capture = capture, exact = exact, exactly = exactly == 1, rank = rank, words = words, total = total,
           too_short = too_short == 1, excerpt = excerpt == 1, origin = origin, seen_at = seen_at ~= 0 and seen_at or math.floor(now),
           published_at = published_at, address = address, anchors = anchors, blocks = blocks, packed_numbers = numbers, shows = shows,
           lengths = lengths, site_name = site_name, domains = domains,
           -- What is found out on the way; named here, so that the table need not grow.
           count = false, live = 0, site = 0, numbers = false, shown = false, young = '', old = '', fresh = false, fresh_words = 0 }
end

local function claim(text)
  local held = row_of(text.capture)
  if held then
    local s = load_story(held.story)
    if s and s.state == STATE.pending and owns(s, held) then
      s.lease = math.floor(now) + cfg.lease_s
      save_story(s)
    end
    return answer(held.packed)
  end
  text.site = site_number(text.site_name)
  local address, kind, reason, matched, match
  repeat
    local again = false
    address = known_address(text)
    kind, reason, matched, match = decide(text, address)
    if matched and kind ~= KIND.contained and kind ~= KIND.related and matched.state ~= STATE.stored then
      if matched.state == STATE.pending and now < matched.lease then
        return answer(row(text, KIND.pending_copy, matched, matched, matched.canonical, 0, 1, REASON.claimed, match))
      end
      again = release(matched)
      kind, reason, match = KIND.new, REASON.took_over, nil
    end
  until not again
  local why = matched and better(text, kind, matched)
  if why then
    if kind == KIND.exact_copy then
      local samples = math.max(1, #text.anchors / HASH)
      match = { story = matched, shared = samples, live = samples, compared = 0, agreed = 0 }
    end
    kind, reason = KIND.supersedes, why
  end
  local packed, s = write(text, kind, reason, matched, match, address)
  if s.members == 1 then               -- its own first: no need to ask who
    local r = unpack_row(packed)
    if r.of == NOBODY then return sub(text.capture, 1, 8) .. string.rep('\0', 32) .. packed end
  end
  return answer(packed)
end

open_epochs(true)
local answers = {}
for i = 2, #ARGV do answers[#answers + 1] = claim(text_of(ARGV[i])) end
keep_budget()
save()
count_claimed()
return answers
