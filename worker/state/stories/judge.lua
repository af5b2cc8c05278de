-- The same decision as worker/stages/deduplicate/judge.py.
local MAX_CANDIDATES = 8

local function unpack_numbers(packed)
  local count = #packed / 2
  local numbers = { unpack_struct('<' .. string.rep('H', count), packed) }
  numbers[count + 1] = nil             -- where it would go on
  return numbers
end

-- Both ascend.
local function numbers_agree(a, a_total, b, b_total)
  local small, large, large_total = a, b, b_total
  if a_total > b_total then small, large, large_total = b, a, a_total end
  local last = large_total > #large and #large > 0 and large[#large] or 65536
  local compared, agreed, at = 0, {}, 1
  for i = 1, #small do
    local number = small[i]
    if number > last then break end
    compared = compared + 1
    while large[at] and large[at] < number do at = at + 1 end
    if large[at] == number then agreed[#agreed + 1] = number end
  end
  return compared, agreed
end

-- The numbers of a text that another lacks, as far as the other's sample can tell.
local function only_in(numbers, held, held_total)
  local last = held_total > #held and #held > 0 and held[#held] or 65535
  local known, only = {}, {}
  for _, number in ipairs(held) do known[number] = true end
  for _, number in ipairs(numbers) do
    if number <= last and not known[number] then only[#only + 1] = number end
  end
  return only
end

local function compare(text, candidate, fresh_passages)
  local story, shared = candidate.story, candidate.count
  if story.site == text.site then
    local fresh, fresh_words = fresh_passages(text)
    local any = math.min(fresh_words, story.words - (text.words - fresh_words)) < cfg.min_fresh_words
    for place in pairs(candidate.places) do any = any or fresh[place] end
    if not any then return nil end
  end
  local numbers = unpack_numbers(story.packed_numbers or '')
  text.numbers = text.numbers or unpack_numbers(text.packed_numbers)
  local compared, agreed = numbers_agree(text.numbers, text.total, numbers, story.total)
  if compared >= cfg.min_numbers and #agreed < cfg.numbers_agree_at * compared then return nil end
  local live = math.max(math.min(text.live, story.live), shared)
  return { candidate = candidate, story = story, shared = shared, live = live, compared = compared, agreed = #agreed, numbers = agreed, held = numbers,
           similarity = shared / live }
end

local function before(a, b)
  if a.similarity ~= b.similarity then return a.similarity > b.similarity end
  if a.shared ~= b.shared then return a.shared > b.shared end
  return a.story.number < b.story.number
end

local function unrelated(a, b)
  local own = 0
  for place in pairs(b.places) do
    if not a.places[place] then own = own + 1 end
  end
  return own >= cfg.min_anchors
end

local function kind_of(text, best, same)
  local ratio = text.words / math.max(1, best.story.words)
  if ratio < cfg.excerpt_below then return KIND.excerpt end
  if ratio <= cfg.fuller_above then return KIND.near_copy end
  if ratio > cfg.digest_above and not best.story.excerpt then return KIND.contained end
  for _, match in ipairs(same) do
    if match ~= best and not match.story.excerpt and unrelated(best.candidate, match.candidate) then
      return KIND.contained
    end
  end
  return KIND.supersedes
end

-- `shared`: story number → { count, places = { place = true } }, of no fewer than `min_anchors` each. Answers the kind and
-- the match, or nothing.
local function judge(text, shared, fresh_passages)
  local ranked = {}
  for number, candidate in pairs(shared) do
    candidate.number = number
    ranked[#ranked + 1] = candidate
  end
  table.sort(ranked, function(a, b)
    if a.count ~= b.count then return a.count > b.count end
    return a.number < b.number
  end)
  local same, grey, seen = {}, {}, 0
  for _, candidate in ipairs(ranked) do
    candidate.story = load_story(candidate.number, true)
    if candidate.story and not candidate.story.digest then
      local match = compare(text, candidate, fresh_passages)
      if match then
        local need = match.shared >= cfg.few_anchors and cfg.same_at or cfg.few_same_at
        if match.similarity >= need then
          same[#same + 1] = match
        elseif match.similarity >= cfg.related_at then
          grey[#grey + 1] = match
        end
      end
      seen = seen + 1
      if seen == MAX_CANDIDATES then break end
    end
  end
  table.sort(same, before)
  table.sort(grey, before)
  if same[1] then return kind_of(text, same[1], same), same[1] end
  if grey[1] then return KIND.related, grey[1] end
  return KIND.new, nil
end
