// A real Prometheus of a test's own.

import { once } from 'node:events'
import { execFile, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import type { Test } from 'tap'
import { freePorts } from '../../fixtures/free-port.ts'
import { until } from '../../fixtures/until.ts'

export interface Series {
  readonly metric: Readonly<Record<string, string>>
  readonly value: readonly [time: number, value: string]
}

export interface Prometheus {
  /** An instant query. Throws what Prometheus says against it. */
  query(query: string): Promise<readonly Series[]>
}

/** False if there is one here, else why not, as `skip` of a test. */
export function noPrometheus(): string | false {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter)
  const isThere = (name: string) => folders.some((folder) => existsSync(path.join(folder, name)))
  return isThere('prometheus') && isThere('promtool') ? false : 'not installed: prometheus (package prometheus)'
}

/** Scrapes these addresses all the time, each under its job; keeps everything in `folder`; ends with the test. */
export async function startPrometheus(
  t: Test,
  folder: string,
  targets: Readonly<Record<string, string>>,
): Promise<Prometheus> {
  const config = path.join(folder, 'prometheus.json')
  const jobs = Object.entries(targets).map(([job, target]) => ({
    job_name: job,
    static_configs: [{ targets: [target] }],
  }))
  const text = JSON.stringify({ global: { scrape_interval: '250ms', scrape_timeout: '250ms' }, scrape_configs: jobs })
  await writeFile(config, text)
  const [port = 0] = await freePorts(1)
  const url = `http://127.0.0.1:${port}`
  const args = [
    `--config.file=${config}`,
    `--storage.tsdb.path=${path.join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=error',
  ]
  const child = spawn('prometheus', args, { stdio: ['ignore', 'inherit', 'inherit'] })
  const ended = once(child, 'exit')
  t.teardown(async () => {
    child.kill('SIGKILL')
    await ended
  })
  await until(() =>
    fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    ),
  )
  return {
    async query(query) {
      const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(query)}`)
      const answer = (await response.json()) as { error?: string; data?: { result: Series[] } }
      if (answer.data === undefined) throw new Error(`${query}: ${answer.error}`)
      return answer.data.result
    },
  }
}

/** What promtool has against a page of metrics: nothing if all is well. */
export async function complaints(page: string): Promise<string> {
  const check = promisify(execFile)('promtool', ['check', 'metrics'])
  check.child.stdin?.end(page)
  return check.then(
    ({ stdout, stderr }) => `${stdout}${stderr}`.trim(),
    (error: { stdout?: string; stderr?: string; message: string }) =>
      `${error.stdout ?? ''}${error.stderr ?? ''}`.trim() || error.message,
  )
}
