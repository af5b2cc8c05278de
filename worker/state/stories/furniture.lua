-- Which paragraphs are furniture of their site. ARGV: site and paragraphs (6 bytes each) of each page. Answers a
-- string for each page: '!' where a paragraph is furniture, '.' elsewhere.
local answers = {}
for i = 1, #ARGV, 2 do
  local fields, marks = {}, {}
  for at = 1, #ARGV[i + 1], 6 do fields[#fields + 1] = string.sub(ARGV[i + 1], at, at + 5) end
  if #fields > 0 then
    local young = redis.call('HMGET', KEYS[1] .. 'f:' .. ARGV[i], unpack(fields))
    local old = redis.call('HMGET', KEYS[1] .. 'o:' .. ARGV[i], unpack(fields))
    for place = 1, #fields do marks[place] = (young[place] or old[place]) == '!' and '!' or '.' end
  end
  answers[#answers + 1] = table.concat(marks)
end
return answers
