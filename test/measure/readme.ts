// `npm run measure:readme`: types the README's lines for a cluster, from nothing to the first request through a fork, and says how long each takes.
// `--cold` builds the images anew, base included; Kubernetes itself is built before.

import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { CACHE, buildPrograms } from '../cluster/programs.ts'

const ROOT = path.join(import.meta.dirname, '../..')
const HEADING = '### On a cluster that comes with the sources'
const BUDGET_SECONDS = 120

interface Done {
  readonly line: string
  readonly code: number
  readonly seconds: number
  readonly output: string
}

/** The commands of the first block behind the heading, without what is said about them. */
export function readmeLines(readme: string): readonly string[] {
  const block = readme.slice(readme.indexOf(HEADING)).split('```')[1] ?? ''
  return block
    .split('\n')
    .map((line) => line.replace(/ {2,}# .*$/, '').trim())
    .filter((line) => line !== '')
}

/** What is wrong with the answer of the shop; undefined if cart was the fork and all others the baseline. */
export function faultOf(output: string): string | undefined {
  const text = /^\{.*\}$/ms.exec(output)?.[0]
  if (text === undefined) return `no answer of the shop: ${output.trim()}`
  const { path: hops = [] }: { readonly path?: readonly { readonly to: string; readonly variant: string }[] } =
    JSON.parse(text)
  const wrong = hops.filter(({ to, variant }) => variant !== (to === 'cart' ? 'pr-42' : 'baseline'))
  if (wrong.length > 0) return `passed ${wrong.map(({ to, variant }) => `${to} as ${variant}`).join(', ')}`
  return hops.some(({ to }) => to === 'cart') ? undefined : 'it did not pass cart'
}

/** In one shell, one after the other; after a failure only the last one, which takes the cluster down. */
async function type(lines: readonly string[], environment: NodeJS.ProcessEnv): Promise<readonly Done[]> {
  const shell = spawn('bash', [], { cwd: ROOT, env: environment, stdio: ['pipe', 'pipe', 'pipe', 'pipe'] })
  let output = ''
  shell.stdout.on('data', (chunk) => (output += String(chunk)))
  shell.stderr.on('data', (chunk) => (output += String(chunk)))
  const codes = createInterface(shell.stdio[3] as NodeJS.ReadableStream)[Symbol.asyncIterator]()
  // As in the shell of a person.
  shell.stdin.write('shopt -s expand_aliases\n')
  const done: Done[] = []
  for (const [index, line] of lines.entries()) {
    if (done.some(({ code }) => code !== 0) && index < lines.length - 1) continue
    output = ''
    const start = performance.now()
    shell.stdin.write(`{ ${line}\n} </dev/null\necho $? >&3\n`)
    const { value } = await codes.next()
    const one = { line, code: Number(value), seconds: (performance.now() - start) / 1000, output }
    console.log(`${one.seconds.toFixed(1).padStart(6)} s  ${one.code === 0 ? ' ' : '✗'} ${line}`)
    if (one.code !== 0) console.log(output)
    done.push(one)
  }
  shell.stdin.end()
  return done
}

/** A cache in which nothing is there but what `keep` names. */
function cacheWith(keep: RegExp): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'sidetrack-readme-'))
  const inner = path.join(folder, path.basename(CACHE))
  mkdirSync(inner)
  for (const name of readdirSync(CACHE))
    if (keep.test(name)) symlinkSync(path.join(CACHE, name), path.join(inner, name))
  return folder
}

if (import.meta.main) {
  if (existsSync('/tmp/sidetrack-cluster-dev'))
    throw new Error('a cluster of the name dev is up: npm run cluster -- down')
  await buildPrograms()
  const { KUBECONFIG: _, ...environment } = process.env
  const cold = process.argv.includes('--cold') ? cacheWith(/^kubernetes-/) : undefined
  const lines = readmeLines(readFileSync(path.join(ROOT, 'README.md'), 'utf8'))
  const done = await type(lines, cold === undefined ? environment : { ...environment, XDG_CACHE_HOME: cold })
  if (cold !== undefined) rmSync(cold, { recursive: true })
  const asked = done.findIndex(({ line }) => line.includes('baggage'))
  const fault = asked === -1 ? 'it was not asked' : faultOf(done[asked]?.output ?? '')
  const seconds = done.slice(0, asked + 1).reduce((sum, one) => sum + one.seconds, 0)
  const budget = seconds <= BUDGET_SECONDS ? 'within' : 'over'
  console.log(
    `first request through the fork after ${seconds.toFixed(1)} s, ${budget} the ${BUDGET_SECONDS} s that it may take`,
  )
  console.log(fault === undefined ? 'it went through the fork' : `wrong: ${fault}`)
  process.exitCode = fault === undefined && done.every(({ code }) => code === 0) ? 0 : 1
}
