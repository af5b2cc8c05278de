-- The memory budget: when all generations weigh more, the oldest goes, a few of its keys with each call, so that no call
-- waits for the removal of a hundred thousand.
local AT_ONCE = 500                    -- keys

-- What is being removed: the tables' names with their buckets, then the buckets of stories; `done` counts keys.
local function remove_some(packed, most)
  local id, done, low, high = unpack_struct('<I4I4I4I4', packed)
  local counts, keys, last = { unpack_struct('<I4I4I4I4', packed, 17) }, {}, done + most
  local begin = 0
  local function take(key, count, from)
    for place = math.max(done, begin), math.min(last, begin + count) - 1 do
      keys[#keys + 1] = key .. (place - begin + from)
    end
    begin = begin + count
  end
  for i, kind in ipairs(ORDER) do take(P .. kind .. id .. ':', counts[i], 0) end
  take(P .. 's', math.max(0, high - low), low)
  for at = 1, #keys, 100 do call('UNLINK', unpack(keys, at, math.min(#keys, at + 99))) end
  if last >= begin then
    call('HDEL', P, 'd')
    return nil
  end
  packed = pack('<I4I4', id, last) .. sub(packed, 9)
  call('HSET', P, 'd', packed)
  return packed
end

local function forget_oldest()
  local removing = call('HGET', P, 'd')
  while removing do removing = remove_some(removing, AT_ONCE) end
  local oldest = table.remove(epochs)
  local next_first = epochs[#epochs].first
  local packed = pack('<I4I4I4I4', oldest.id, 0, math.floor(oldest.first / 16), math.floor(next_first / 16))
  for _, kind in ipairs(ORDER) do
    packed = packed .. pack('<I4', kind == 'A' and 0 or oldest[kind].size + oldest[kind].split)
  end
  call('UNLINK', oldest.A.key)         -- one key, however large: the server frees it beside its work
  call('HSET', P, 'd', packed)
  call('HINCRBY', P, 'f', oldest.c.count)
end

local function keep_budget()
  if cfg.budget_bytes == 0 then return end
  local removing = call('HGET', P, 'd')
  if removing then remove_some(removing, AT_ONCE) end
  local total = 0
  for _, one in ipairs(epochs) do total = total + one.bytes end
  while total > cfg.budget_bytes and #epochs > 1 do
    total = total - epochs[#epochs].bytes
    forget_oldest()
  end
end
