import t from 'tap'
import { readHopLine } from '../../core/hop-line.ts'
import { readHop, shownPath, traceIdOf, traceMark, withHop } from '../../core/hop.ts'

const mark = (header: string) => ({ id: '', parent: '', member: 'sidetrack', header })

t.test('a request is traced if its member has the property, with an id and a hop or without', async (t) => {
  t.equal(traceMark('', 'sidetrack', ''), undefined)
  t.equal(traceMark('strict', 'sidetrack', ''), undefined)
  t.equal(traceMark('traced', 'sidetrack', ''), undefined)
  t.match(traceMark('trace', 'sidetrack', ''), { id: '', parent: '' })
  t.match(traceMark('strict; trace = abc ', 'sidetrack', ''), { id: 'abc', parent: '' })
  t.match(traceMark('trace=abc.1f', 'sidetrack', ''), { id: 'abc', parent: '1f' })
  t.match(traceMark('trace=a b.1f', 'sidetrack', ''), { id: '', parent: '1f' })
  t.match(traceMark(`trace=${'a'.repeat(65)}`, 'sidetrack', ''), { id: '' })
})

t.test('the hop takes the place of an older one; everything else stays', async (t) => {
  const cases: Readonly<Record<string, string>> = {
    'sidetrack=a;trace': 'sidetrack=a;trace=i.h',
    'x=1;trace=no,sidetrack=a;strict;trace=i.g;p=q,y=2': 'x=1;trace=no,sidetrack=a;strict;p=q;trace=i.h,y=2',
    'sidetrack=a,sidetrack=b;trace': 'sidetrack=a,sidetrack=b;trace=i.h',
    'sidetrack=a%3Btrace%3Di.g': 'sidetrack=a;trace=i.h',
    'other=1': 'other=1',
  }
  for (const [header, marked] of Object.entries(cases)) t.equal(withHop(mark(header), 'i', 'h'), marked, header)
  const full = `sidetrack=a;trace,${'x=1,'.repeat(2043)}`
  t.equal(withHop(mark(full), 'i', 'h'), full, 'a full header is left alone')
})

t.test('a trace id is that of a traceparent', async (t) => {
  t.equal(traceIdOf('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'), '0af7651916cd43dd8448eb211c80319c')
  for (const bad of ['', '00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', 'x'])
    t.equal(traceIdOf(bad), '', bad)
})

t.test('a path is shown without its query', async (t) => {
  t.equal(shownPath('/a/b?token=secret'), '/a/b')
  t.equal(shownPath('/'.repeat(9000)).length, 512)
})

t.test('what is no hop is not taken for one', async (t) => {
  const hop = {
    trace: 'i',
    id: 'h',
    parent: '',
    service: 's',
    inbound: false,
    fork: '',
    to: '',
    protocol: 'HTTP/2',
    method: 'GET',
    path: '/',
    at: 1,
    milliseconds: 2,
    status: 200,
    code: '',
  }
  t.same(readHop(hop), hop)
  for (const name of Object.keys(hop)) t.equal(readHop({ ...hop, [name]: {} }), undefined, name)
  t.equal(readHop({ ...hop, path: 'x'.repeat(513) }), undefined)
  for (const none of [null, 'x', 1, []]) t.equal(readHop(none), undefined)
  t.same(readHopLine(JSON.stringify({ level: 'info', msg: 'traced request', sidecar: 'a/b', hop })), {
    sidecar: 'a/b',
    hop,
  })
  for (const line of ['', 'traced request', '{"msg":"traced request"}', '{"msg":"x"}'])
    t.equal(readHopLine(line), undefined, line)
})
