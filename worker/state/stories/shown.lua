-- What a site has shown: a string of entries of 11 bytes, each a paragraph (6), the story it was first seen in (4) and at
-- how many addresses (1), or IS_FURNITURE. As a hash, asking for 14 paragraphs of a site that has shown much read through
-- 256 entries for each: the one cost of a claim that grew. Two generations: the young one becomes the old.
local ENTRY = 11
local IS_FURNITURE = '\255\255\255\255\255'
local find_bytes = string.find

-- Where, at or after `from`, an entry of so many bytes begins with `name`.
local function place_of(entries, name, bytes, from)
  local at = find_bytes(entries, name, from or 1, true)
  while at and at % bytes ~= 1 do at = find_bytes(entries, name, at + 1, true) end
  return at
end

-- Where a paragraph stands in the young entries (nil: only in the old ones) and what is told of it.
local function entry(young, old, paragraph)
  local at = place_of(young, paragraph, ENTRY)
  if at then return at, string.sub(young, at + 6, at + 10) end
  local before = place_of(old, paragraph, ENTRY)
  if before then return nil, string.sub(old, before + 6, before + 10) end
end
