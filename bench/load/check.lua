-- Checks every answer against the request that it answers. wrk's callbacks say which thread they are for but not which
-- connection: run with as many threads as connections, so that each thread has one and its last request is the one answered.

local requests, turn, limit, answered, wrong = {}, 0, 0, 0, 0
local expected, sent
local threads = {}
first = ""

function setup(thread)
  thread:set("offset", #threads * 7)
  threads[#threads + 1] = thread
end

function init(args)
  for line in io.lines(args[1]) do
    local variant, baggage = line:match("^(%S+)\t(.*)$")
    local headers = { ["user-agent"] = "wrk", ["accept"] = "*/*" }
    if baggage ~= "" then headers["baggage"] = baggage end
    requests[#requests + 1] = { variant, baggage, wrk.format("GET", "/", headers) }
  end
  limit = tonumber(args[2])
  turn = offset or 0
  counts = "0 0"
end

function request()
  turn = turn % #requests + 1
  expected, sent = requests[turn][1], requests[turn][2]
  return requests[turn][3]
end

function response(status, headers)
  answered = answered + 1
  -- `x-saw` is what the upstream received: the header must have gone through as it was sent.
  local variant, saw = headers["x-variant"], headers["x-saw"] or ""
  if status ~= 200 or variant ~= expected or saw ~= sent then
    wrong = wrong + 1
    if first == "" then
      first = string.format("status %d from %s, which saw '%s'; sent '%s' for %s", status, variant or "?", saw, sent, expected)
    end
  end
  counts = answered .. " " .. wrong
  if answered >= limit then wrk.thread:stop() end
end

function done(summary, latency)
  local total, bad, sample = 0, 0, ""
  for _, thread in ipairs(threads) do
    local a, w = thread:get("counts"):match("(%d+) (%d+)")
    total, bad = total + tonumber(a), bad + tonumber(w)
    if sample == "" then sample = thread:get("first") end
  end
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"requests":%d,"seconds":%.6f,"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d,"p50":%d,"p99":%d,"wrong":%d,"sample":"%s"}\n',
    total, summary.duration / 1e6, errors.connect, errors.read, errors.write, errors.status, errors.timeout,
    latency:percentile(50), latency:percentile(99), bad, (sample:gsub('[%c"\\]', "?"))))
end
