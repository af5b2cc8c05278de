-- Stories: 16 to a bucket, found by number. Of each a row, its numbers, its members in order of arrival, and while a
-- new canonical capture is not settled what to return to.
local ROW = '<BHI4HHHHHBHI4I4'
local STATE = { pending = 0, stored = 1, free = 2 }
local NOBODY = 65535
local EXACTLY = 128                    -- added to a member's kind when its time of publication is told to the minute
local KIND = { new = 0, recapture = 1, exact_copy = 2, near_copy = 3, excerpt = 4, update = 5, supersedes = 6,
               contained = 7, related = 8, pending_copy = 9, dropped = 255 }
local REASON = { none = 0, too_short = 1, took_over = 2, same_url_same_text = 3, same_text = 4, shared_passages = 5,
                 same_url = 6, claimed = 7, better_source = 8, original_source = 9, published_earlier = 10 }
local GOES_ON = { [0] = true, [5] = true, [6] = true, [7] = true, [8] = true }

local STORIES = P:gsub('%%', '%%%%') .. 's%d'
local function story_key(number) return format(STORIES, number / 16) end
local function story_field(number) return string.char(number % 16) end
local function member_field(number, index) return story_field(number) .. pack('<H', index) end

local function load_story(number, with_numbers)
  local packed, packed_numbers
  if with_numbers then
    local field = story_field(number)
    packed, packed_numbers = unpack(call('HMGET', story_key(number), field, field .. 'n'))
  else
    packed = call('HGET', story_key(number), story_field(number))
  end
  if not packed then return nil end
  local state, fence, lease, live, words, total, canonical, members, flags, since, origin, site = unpack_struct(ROW, packed)
  if since < epoch - WINDOW then return nil end
  -- Made whole: a table that grows is made anew three times.
  return { number = number, packed = packed, packed_numbers = packed_numbers, state = state, fence = fence, lease = lease, live = live,
           words = words, total = total, canonical = canonical, members = members, flags = flags, epoch = since, origin = origin,
           site = site, excerpt = flags % 2 == 1, digest = flags % 4 >= 2, before = flags % 8 >= 4, rank = math.floor(flags / 8) }
end

-- One of its anchors is dead.
local function lose_anchor(number)
  local key, field = story_key(number), story_field(number)
  local packed = call('HGET', key, field)
  if not packed then return end
  local first, live, _, since = unpack_struct('<c7Hc9H', packed)
  if since < epoch - WINDOW then return end
  call('HSET', key, field, first .. pack('<H', live - 1) .. sub(packed, 10))
end

local function packed_story(s)
  s.flags = (s.excerpt and 1 or 0) + (s.digest and 2 or 0) + (s.before and 4 or 0) + 8 * s.rank
  s.packed = pack(ROW, s.state, s.fence, s.lease, s.live, s.words, s.total, s.canonical, s.members, s.flags,
    s.epoch, s.origin, s.site)
  return s.packed
end

local function save_story(s)
  call('HSET', story_key(s.number), story_field(s.number), packed_story(s))
end

-- Forget what to return to. The flag spares the question for most stories.
local function drop_before(s)
  if not s.before then return end
  call('HDEL', story_key(s.number), story_field(s.number) .. 'p', story_field(s.number) .. 'q')
  s.before = false
end

local function member(number, index)
  return call('HGET', story_key(number), member_field(number, index)) or ''
end

local function story_name(number) return sub(member(number, 0), 1, 8) end

local function owner(s)
  if s.canonical == NOBODY then return '' end
  return sub(member(s.number, s.canonical), 1, 32)
end

local function unpack_row(packed)
  local r = { packed = packed }
  r.kind, r.story = unpack_struct('<BI4', packed)
  if #packed == 5 then
    r.of_story, r.of, r.member, r.version = 0, NOBODY, 0, 1
  else
    r.of_story, r.of, r.member, r.version = unpack_struct('<I4HHH', packed, 6)
    r.url, r.exact = sub(packed, 25, 32), sub(packed, 33, 40)
  end
  return r
end

-- Whether the capture with this row is the canonical one.
local function owns(s, row)
  return row.story == s.number and row.member == s.canonical
end

local function row_of(capture)
  local packed = find('c', capture)
  if not packed then return nil end
  local row = unpack_row(packed)
  if row.kind == KIND.dropped then return nil end
  return row
end

-- A dropped capture leaves its story's number behind: by it a story is found by the id of its founder.
local function drop(capture, row)
  replace('c', capture, pack('<BI4', KIND.dropped, row.story))
end

-- Forget a verdict as if its capture had not come, so that it is judged anew when it comes back.
local function withdraw(capture, row)
  drop(capture, row)
  if not row.url then return end
  local text = find('x', row.exact)
  if text and unpack_struct('<I4', text) == row.story then replace('x', row.exact, nil) end
  local address = find('u', row.url)
  if address then
    local number, version, kind, index = unpack_struct('<I4HBH', address)
    if number == row.story and index == row.member then
      if row.version > 1 then
        replace('u', row.url, sub(address, 1, 9) .. string.rep('\0', 6))
      else
        replace('u', row.url, nil)
      end
    end
  end
end

-- Take a story from an owner that will not store it. True: an earlier text is stored and stands again.
local function release(s)
  local key, field = story_key(s.number), story_field(s.number)
  local capture = owner(s)
  local row = capture ~= '' and row_of(capture)
  local before = s.before and call('HGET', key, field .. 'p')
  if row and before then withdraw(capture, row) elseif row then drop(capture, row) end
  if not before then
    s.state = STATE.free
    save_story(s)
    return false
  end
  local _, flags
  _, _, _, _, s.words, s.total, s.canonical, _, flags, _, s.origin, s.site = unpack_struct(ROW, before)
  s.excerpt, s.rank = flags % 2 == 1, math.floor(flags / 8)
  call('HSET', key, field .. 'n', call('HGET', key, field .. 'q'))
  drop_before(s)
  s.state = STATE.stored
  save_story(s)
  return true
end
