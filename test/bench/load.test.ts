import t from 'tap'
import { parseGrpc } from '../../bench/load/grpc.ts'
import { failureCount, parseH2Load } from '../../bench/load/h2load.ts'
import { parseLog, parseOpenLoop } from '../../bench/load/open-loop.ts'
import { errorCount, parseChecked, parseWrk } from '../../bench/load/wrk.ts'

const WRK = `Running 5s test @ http://127.0.0.1:7001
  1 threads and 64 connections
  52727 requests in 5.00s, 10.1MB read
RESULT {"requests":263635,"seconds":5.000123,"connect":1,"read":2,"write":3,"status":4,"timeout":5,"p50":1200,"p99":1900`

t.test('the result of wrk is the line that the script printed', (t) => {
  const result = parseWrk(`${WRK}}\n`)
  t.equal(result.requests, 263_635)
  t.equal(result.seconds, 5.000123)
  t.equal(result.p99, 1900)
  t.equal(errorCount(result), 15)
  t.end()
})

t.test('a checked run says what was wrong, and shows one', (t) => {
  const result = parseChecked(`${WRK},"wrong":2,"sample":"status 200 from fork, which saw ''"}\n`)
  t.equal(result.wrong, 2)
  t.equal(result.sample, "status 200 from fork, which saw ''")
  t.equal(result.requests, 263_635)
  t.end()
})

t.test('wrk without a result fails with what wrk said', (t) => {
  t.throws(() => parseWrk('unable to connect to 127.0.0.1:1 Connection refused\n'), /gave no result: unable to connect/)
  t.end()
})

t.test('the result of the open-loop generator is its JSON line, a list without entries included', (t) => {
  const line =
    '{"sent":10,"ok":9,"wrong":0,"errors":1,"queued":0,"seconds":1,"latency":{"p50":50,"p90":60,"p99":70,"p999":80,"max":90},"lateness":{"p50":1,"p90":2,"p99":3,"p999":4,"max":5},"samples":null}'
  const result = parseOpenLoop(`${line}\n`)
  t.equal(result.errors, 1)
  t.equal(result.latency.p99, 70)
  t.same(result.samples, [])
  t.throws(() => parseOpenLoop('connecting to 127.0.0.1:1: refused'), /no result: connecting/)
  t.end()
})

t.test('each request of the log has its times in milliseconds; one that was lost was never received', (t) => {
  const [answered, lost] = parseLog('1000000 1100000 2500000 fork 3\n2000000 2000000 0 - 4\n')
  t.same(answered, { intended: 1, sent: 1.1, received: 2.5, variant: 'fork', kind: 3 })
  t.ok(Number.isNaN(lost?.received))
  t.equal(lost?.kind, 4)
  t.end()
})

const H2LOAD = `starting benchmark...
finished in 500.00ms, 3820.80 req/s, 230.00KB/s
requests: 2000 total, 2000 started, 2000 done, 1998 succeeded, 2 failed, 2 errored, 0 timeout
status codes: 1998 2xx, 0 3xx, 0 4xx, 0 5xx
traffic: 117.30KB (120113) total, 35.16KB (36000) headers (space savings 90.11%), 9.76KB (9990) data
`

t.test('the result of h2load is read in its units', (t) => {
  t.same(parseH2Load(H2LOAD), { seconds: 0.5, requests: 2000, successes: 1998, bytes: 9990 })
  t.equal(parseH2Load(H2LOAD.replace('500.00ms', '12.50s')).seconds, 12.5)
  t.throws(() => parseH2Load('could not connect to host'), /no result: could not connect/)
  t.end()
})

t.test('an answer of another length than the right one is a failure, beside those that did not come', (t) => {
  const result = parseH2Load(H2LOAD)
  t.equal(failureCount(result, 5), 2)
  t.equal(failureCount(result, 9), 3)
  t.end()
})

t.test('the result of the gRPC load counts wrong answers and errors alike', (t) => {
  const line = '{"calls":30,"wrong":1,"errors":2,"seconds":1.5,"sample":"x"}'
  t.same(parseGrpc(`noise\n${line}\n`), { requests: 30, seconds: 1.5, failures: 3 })
  t.throws(() => parseGrpc('connection refused'), /no result: connection refused/)
  t.end()
})
