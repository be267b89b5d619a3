import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { SHELLS } from '../../cli/completion.ts'
import { sidetrackHere } from '../fixtures/cli-process.ts'

/** What bash offers for the last word; \`list\` is a function of the test. */
async function offered(line: string): Promise<readonly string[]> {
  const { stdout } = await sidetrackHere(['completion', 'bash'])
  const words = line.split(' ')
  const script = `${stdout}
sidetrack() { [[ $1 == list ]] && printf 'NAME KEY\\npr-42 k\\npr-57 k\\n'; }
COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}
_sidetrack; printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout: replies, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' })
  if (stderr !== '') throw new Error(stderr)
  return replies.split('\n').filter((word) => word !== '')
}

const LINES: readonly [line: string, offers: readonly string[]][] = [
  ['sidetrack cre', ['create']],
  ['sidetrack -n shop un', ['uninstall']],
  ['sidetrack create --rep', ['--replicas']],
  ['sidetrack create pr-42 --kube', ['--kubeconfig']],
  ['sidetrack get ', ['pr-42', 'pr-57']],
  ['sidetrack delete pr-42 pr-5', ['pr-57']],
  ['kubectl-sidetrack key --he', ['--header']],
  ['sidetrack create ', []],
]

for (const [line, offers] of LINES) {
  t.test(`bash offers ${offers.join(' ') || 'nothing'} for "${line}"`, async (t) => t.same(await offered(line), offers))
}

for (const shell of SHELLS) {
  const installed = spawnSync(shell, ['-c', 'true']).status === 0
  t.test(`${shell} reads the script`, { skip: installed ? false : `${shell} is not installed` }, async (t) => {
    const { stdout } = await sidetrackHere(['completion', shell])
    const file = join(t.testdir(), shell)
    writeFileSync(file, stdout)
    const { status, stderr } = spawnSync(shell, ['-n', file], { encoding: 'utf8' })
    t.same({ status, stderr }, { status: 0, stderr: '' })
  })
}

t.test('any other shell is refused', async (t) => {
  t.match(await sidetrackHere(['completion', 'tcsh']), {
    code: 64,
    stdout: '',
    stderr: /Allowed choices are bash, zsh, fish/,
  })
})
