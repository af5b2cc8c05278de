-- Which paragraphs are furniture of their site. ARGV: site and paragraphs (8 bytes each, of which 6 tell) of each page. Answers a
-- string for each page: '!' where a paragraph is furniture, '.' elsewhere.
local answers = {}
for i = 1, #ARGV, 2 do
  local marks, paragraphs = {}, ARGV[i + 1]
  if #paragraphs > 0 then
    local both = redis.call('MGET', KEYS[1] .. 'p:' .. ARGV[i], KEYS[1] .. 'q:' .. ARGV[i])
    local young, old = both[1] or '', both[2] or ''
    for at = 1, #paragraphs, 8 do
      local _, held = entry(young, old, string.sub(paragraphs, at, at + 5))
      marks[#marks + 1] = held == IS_FURNITURE and '!' or '.'
    end
  end
  answers[#answers + 1] = table.concat(marks)
end
return answers
