// A node's machine: process, mount, network and host name namespaces of its own, that end with all that is in them when its first
// process does, whatever happened to those who started it. Its /run and /var are private; the rest of the file system is the host's.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { until } from '../fixtures/until.ts'
import { run } from './command.ts'
import { Daemon } from './daemon.ts'

/** Where a machine finds the cluster's programs. */
const PROGRAMS = '/run/programs'

// The first process ignores SIGCHLD, so that the kernel reaps what is left to it.
const BOOT = `
set -eu
name=$1 folder=$2 programs=$3
read -r pid rest </proc/self/stat # as the host sees it, while /proc is the host's
mount --no-mtab --make-rprivate /
mount --no-mtab -t proc proc /proc
echo "$name" >/proc/sys/kernel/hostname
mount --no-mtab -t tmpfs -o mode=755 tmpfs "$folder/run"
mkdir "$folder/run/programs"
mount --no-mtab --bind "$programs" "$folder/run/programs"
mount --no-mtab --bind "$folder/var" /var
mount --no-mtab --move "$folder/run" /run
ln -s /run /var/run
mount --no-mtab --make-rshared /
cd /proc/sys/net
echo 1 >ipv4/ip_forward
echo 1 >ipv6/conf/all/forwarding
echo 0 >ipv6/conf/default/accept_dad
ip link set lo up
echo "$pid"
trap '' CHLD
exec sleep infinity
`

export class Machine {
  readonly name: string
  /** The first process as the host sees it. */
  readonly pid: number

  /** One that is up. */
  constructor(name: string, pid: number) {
    this.name = name
    this.pid = pid
  }

  /** It ends with the process that starts it. `folder` becomes its disk, `programs` is where the cluster's programs are. */
  static async boot(name: string, folder: string, programs: string): Promise<Machine> {
    const folders = ['run', 'var/lib', 'var/log', 'var/tmp']
    await Promise.all(folders.map((each) => mkdir(join(folder, each), { recursive: true })))
    const namespaces = ['--fork', '--pid', '--mount', '--net', '--uts', '--ipc', '--kill-child=KILL']
    const child = spawn(
      'setpriv',
      ['--pdeathsig', 'KILL', 'unshare', ...namespaces, 'sh', '-c', BOOT, 'sh', name, folder, programs],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    )
    let words = ''
    child.stderr.on('data', (data) => (words += String(data)))
    const pid = await Promise.race([
      once(createInterface(child.stdout), 'line').then(Number),
      once(child, 'exit').then(() => undefined),
    ])
    if (pid === undefined) throw new Error(`the machine of ${name} did not start: ${words}`)
    return new Machine(name, pid)
  }

  /** The command that runs `command` in it. */
  inside(command: readonly string[]): readonly [string, ...string[]] {
    return [
      'nsenter',
      '--target',
      String(this.pid),
      '--mount',
      '--uts',
      '--ipc',
      '--net',
      '--pid',
      '--wd=/',
      ...command,
    ]
  }

  /** The command that runs `command` in its network, with the host's files. */
  inNetwork(command: readonly string[]): readonly [string, ...string[]] {
    return ['nsenter', '--target', String(this.pid), '--net', ...command]
  }

  async run(command: readonly string[], input?: string): Promise<string> {
    const [program, ...args] = this.inside(command)
    return run(program, args, input === undefined ? {} : { input })
  }

  /** Starts a program of the cluster that `kill` finds by its name. */
  start(command: readonly string[], log: string): Daemon {
    const [name = ''] = command
    const remember = 'echo $$ >"/run/$1.pid"; shift; exec "$@"'
    const path = `PATH=${PROGRAMS}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`
    const wrapped = ['env', '--ignore-environment', path, 'sh', '-c', remember, 'sh', name, ...command]
    return new Daemon(`${name} of ${this.name}`, this.inside(wrapped), log)
  }

  /** Sends a signal to a program of the cluster. */
  async kill(name: string, signal: NodeJS.Signals): Promise<void> {
    await this.run(['sh', '-c', 'kill -s "$1" "$(cat "/run/$2.pid")"', 'sh', signal.slice('SIG'.length), name])
    if (signal === 'SIGCONT') await this.#resumeStarter(name)
  }

  /** nsenter stops when what it started is stopped, and would not notice its end. */
  async #resumeStarter(name: string): Promise<void> {
    const start = `nsenter\0--target\0${this.pid}\0`
    for (const pid of await readdir('/proc')) {
      const words = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
      if (words.startsWith(start) && words.includes(`\0${name}\0`)) process.kill(Number(pid), 'SIGCONT')
    }
  }

  /** Resolves when nothing of it is left. */
  async end(): Promise<void> {
    process.kill(this.pid, 'SIGKILL')
    await until(() => !existsSync(`/proc/${this.pid}`))
  }
}
