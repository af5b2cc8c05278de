-- Sites by number, and the paragraphs each has shown.
local sites = {}                       -- name → number, as met in this batch

local function site_number(name)
  if sites[name] then return sites[name] end
  local number = call('HGET', P .. 'i', name)
  if not number then
    number = call('HINCRBY', P, 's', 1)
    call('HSET', P .. 'i', name, number)
    call('HSET', P .. 'j', number, name)
  end
  sites[name] = tonumber(number)
  return sites[name]
end

-- What a site has shown before (shown.lua): where each paragraph stands, and what is told of it: true for furniture.
local function read_paragraphs(text)
  local shown, count = {}, #text.shows / HASH
  if count > 0 then
    local held = call('MGET', P .. 'p:' .. text.site_name, P .. 'q:' .. text.site_name)
    text.young, text.old = held[1] or '', held[2] or ''
    text.paragraphs = unpack_each('c6xx', text.shows, count)
    for i = 1, count do
      local at, value = entry(text.young, text.old, text.paragraphs[i])
      if value then shown[i] = { at, value } end
    end
  end
  text.shown = shown
end

local function learn(text, number)
  if not text.shown then read_paragraphs(text) end
  local count = #text.shows / HASH
  if count == 0 then return end
  local key, added, first = P .. 'p:' .. text.site_name, {}, pack('<I4B', number, 1)
  for i = 1, count do
    local paragraph, shown = text.paragraphs[i], text.shown[i]
    local value = first
    if shown then
      value = shown[2]
      if value ~= IS_FURNITURE then
        local story, addresses = unpack_struct('<I4B', value)
        if story ~= number or addresses + 1 >= cfg.furniture_urls then
          value = IS_FURNITURE
        else
          value = pack('<I4B', number, addresses + 1)
        end
      end
    end
    if shown and shown[1] then
      if value ~= shown[2] then call('SETRANGE', key, shown[1] + 5, value) end
    else
      added[#added + 1] = paragraph .. value
    end
  end
  local length = #text.young
  if #added > 0 then length = call('APPEND', key, table.concat(added)) end
  if #text.young == 0 then call('EXPIRE', key, cfg.window_s) end
  if length > cfg.generation * ENTRY then
    call('RENAME', key, P .. 'q:' .. text.site_name)
    call('EXPIRE', P .. 'q:' .. text.site_name, cfg.window_s)
  end
end
