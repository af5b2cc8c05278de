-- The end of claims. ARGV: now, what (confirm, abort, forget), then capture and fence of each. Answers 1 or 0 for each.
local function settle(what, capture, fence)
  local row = row_of(capture)
  local s = row and load_story(row.story)
  if not s then return 0 end
  local is_owner = owns(s, row)
  if what == 'confirm' then
    if is_owner then
      if s.fence ~= fence then return 0 end
      if s.state ~= STATE.stored then
        s.state = STATE.stored
        drop_before(s)
        save_story(s)
      end
    end
    return 1
  elseif what == 'abort' then
    if is_owner then
      if s.state ~= STATE.pending or s.fence ~= fence then return 0 end
      release(s)
      return 1
    end
    if GOES_ON[row.kind] and row.kind ~= KIND.update then return 0 end
    withdraw(capture, row)
    return 1
  end
  drop(capture, row)
  if is_owner then
    s.state, s.canonical = STATE.free, NOBODY
    drop_before(s)
    save_story(s)
  end
  local field = member_field(s.number, row.member)
  if row.member == 0 then
    call('HSET', story_key(s.number), field, sub(capture, 1, 8)) -- the story keeps its name
  else
    call('HDEL', story_key(s.number), field)
  end
  return 1
end

open_epochs(false)
local done = {}
for i = 3, #ARGV, 2 do done[#done + 1] = settle(ARGV[2], ARGV[i], tonumber(ARGV[i + 1])) end
if epochs[1] and ARGV[2] ~= 'confirm' then save() end
return done
