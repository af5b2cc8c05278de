-- How many captures were taken in of late: of this span and the one before, for each of two spans of seconds.
local SPANS = { 60, 3600 }

local function read_rate()
  local packed = call('HGET', P, 'r')
  local spans = {}
  for i, span in ipairs(SPANS) do
    local number, current, before = math.floor(now / span), 0, 0
    if packed then
      local held, held_current, held_before = unpack_struct('<I4I4I4', packed, 12 * i - 11)
      if held == number then
        current, before = held_current, held_before
      elseif held == number - 1 then
        before = held_current
      end
    end
    spans[i] = { number, current, before }
  end
  return spans
end

local function count_claimed()
  if claimed == 0 then return end
  local packed = ''
  for _, span in ipairs(read_rate()) do packed = packed .. pack('<I4I4I4', span[1], span[2] + claimed, span[3]) end
  call('HSET', P, 'r', packed)
end

-- Within the last span: all of this one, and of the one before the part that is not over yet.
local function recent(i)
  local span = read_rate()[i]
  return math.floor(span[2] + span[3] * (1 - now % SPANS[i] / SPANS[i]) + 0.5)
end
