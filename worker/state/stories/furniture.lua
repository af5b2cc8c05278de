-- Which paragraphs are furniture of their site. ARGV: site and paragraphs (6 bytes each) of each page. Answers a
-- string for each page: '!' where a paragraph is furniture, '.' elsewhere.
local answers = {}
for i = 1, #ARGV, 2 do
  local marks, paragraphs = {}, ARGV[i + 1]
  if #paragraphs > 0 then
    local young = redis.call('GET', KEYS[1] .. 'p:' .. ARGV[i]) or ''
    local old = redis.call('GET', KEYS[1] .. 'q:' .. ARGV[i]) or ''
    for at = 1, #paragraphs, 6 do
      local _, held = entry(young, old, string.sub(paragraphs, at, at + 5))
      marks[#marks + 1] = held == IS_FURNITURE and '!' or '.'
    end
  end
  answers[#answers + 1] = table.concat(marks)
end
return answers
