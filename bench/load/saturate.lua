-- Sends the requests of a file in turn; as cheap as wrk can, so that the proxy is the bottleneck and not wrk.

local requests, turn = {}, 0

function init(args)
  for line in io.lines(args[1]) do
    local baggage = line:match("\t(.*)$")
    local headers = { ["user-agent"] = "wrk", ["accept"] = "*/*" }
    if baggage ~= "" then headers["baggage"] = baggage end
    requests[#requests + 1] = wrk.format("GET", "/", headers)
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    'RESULT {"requests":%d,"seconds":%.6f,"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d,"p50":%d,"p99":%d}\n',
    summary.requests, summary.duration / 1e6, errors.connect, errors.read, errors.write, errors.status, errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
