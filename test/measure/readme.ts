// `npm run measure:readme`: types the README's lines for a cluster, from nothing to the first request through a fork, and says how long each takes.
// `--cold` builds the images anew, base included; Kubernetes itself is built before.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { CACHE, buildPrograms } from '../cluster/programs.ts'

const ROOT = path.join(import.meta.dirname, '../..')
const HEADING = '### On a cluster that comes with the sources'
const BUDGET_SECONDS = 120
/** What the shell writes behind each line's output: how it ended. */
// oxlint-disable-next-line no-control-regex -- nothing that a line writes has it
const END = /\u001E(\d+)\u001E/

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
export async function typeLines(
  lines: readonly string[],
  environment: NodeJS.ProcessEnv,
  say: (text: string) => void,
): Promise<readonly Done[]> {
  const shell = spawn('bash', [], { cwd: ROOT, env: environment, stdio: ['pipe', 'pipe', 'inherit'] })
  let output = ''
  let heard = () => {
    output = ''
  }
  shell.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
    heard()
  })
  const ended = once(shell, 'close').then(() => undefined)
  // As in the shell of a person; both streams in their order.
  shell.stdin.write('exec 2>&1; shopt -s expand_aliases\n')
  const done: Done[] = []
  for (const [index, line] of lines.entries()) {
    if (done.some(({ code }) => code !== 0) && index < lines.length - 1) continue
    output = ''
    const start = performance.now()
    const said = new Promise<string | undefined>((resolve) => {
      heard = () => {
        const code = END.exec(output)?.[1]
        if (code !== undefined) resolve(code)
      }
    })
    shell.stdin.write(`{ ${line}\n} </dev/null\nprintf '\\036%s\\036' $?\n`)
    const code = await Promise.race([said, ended])
    if (code === undefined) throw new Error(`the shell ended: ${output}`)
    const seconds = (performance.now() - start) / 1000
    done.push({ line, code: Number(code), seconds, output: output.replace(END, '') })
    say(`${seconds.toFixed(1).padStart(6)} s  ${code === '0' ? ' ' : '✗'} ${line}`)
    if (code !== '0') say(output)
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

/** Without what npm has put around this program: `npm ci` takes away the very Node that its own run would use. */
function ofPerson(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const folders = (environment['PATH'] ?? '').split(path.delimiter).filter((folder) => !folder.includes('node_modules'))
  const kept = Object.entries(environment).filter(([name]) => !name.startsWith('npm_') && name !== 'KUBECONFIG')
  return { ...Object.fromEntries(kept), PATH: folders.join(path.delimiter) }
}

if (import.meta.main) {
  if (existsSync('/tmp/sidetrack-cluster-dev'))
    throw new Error('a cluster of the name dev is up: npm run cluster -- down')
  await buildPrograms()
  const environment = ofPerson(process.env)
  const cold = process.argv.includes('--cold') ? cacheWith(/^kubernetes-/) : undefined
  const lines = readmeLines(readFileSync(path.join(ROOT, 'README.md'), 'utf8'))
  const done = await typeLines(
    lines,
    cold === undefined ? environment : { ...environment, XDG_CACHE_HOME: cold },
    console.log,
  )
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
