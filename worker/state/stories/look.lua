-- What is held, for people. ARGV: now, then the 8 bytes of a story's name, or none for the size of it all.
local name = ARGV[2]
open_epochs(false)

if name then
  local packed = find('c', name)
  if not packed then return false end
  local number = unpack_struct('<I4', packed, 2)
  local s = load_story(number)
  if not s or story_name(number) ~= name then return false end
  local members, sites = {}, {}
  for index = 0, s.members - 1 do
    local one = member(number, index)
    if #one > 32 then
      members[#members + 1] = pack('<H', index) .. one
      sites[#sites + 1] = call('HGET', P .. 'j', (unpack_struct('<I4', one, 42))) or ''
    end
  end
  return { s.state, s.canonical, members, sites }
end

local function weigh(key, samples)
  return call('MEMORY', 'USAGE', key, 'SAMPLES', samples or 0) or 0
end

local stories, captures, bytes = tonumber(call('HGET', P, 'n') or 0), 0, 0
for _, one in ipairs(epochs) do
  captures = captures + one.c.count
  bytes = bytes + weigh(one.A.key, 64)
  for _, kind in ipairs({ 'c', 'x', 'u' }) do
    local t = one[kind]
    local buckets, sample = t.size + t.split, 0
    local step = math.max(1, math.floor(buckets / 16))
    local weighed = 0
    for b = 0, buckets - 1, step do
      sample, weighed = sample + weigh(t.key .. b), weighed + 1
    end
    bytes = bytes + buckets * sample / weighed
  end
end
-- Story numbers only rise and their buckets expire in order: the oldest held is found by halving.
local low, high = 0, math.floor(stories / 16)
while low < high do
  local middle = math.floor((low + high) / 2)
  if call('EXISTS', P .. 's' .. middle) == 1 then high = middle else low = middle + 1 end
end
local buckets = math.floor(stories / 16) - low + 1
local step, sample, weighed = math.max(1, math.floor(buckets / 64)), 0, 0
for b = low, low + buckets - 1, step do
  sample, weighed = sample + weigh(P .. 's' .. b), weighed + 1
end
return { math.max(0, stories - math.max(0, low * 16 - 1)), captures, math.floor(bytes + buckets * sample / weighed),
         recent(1), recent(2), tonumber(call('HGET', P, 'f') or 0) }
