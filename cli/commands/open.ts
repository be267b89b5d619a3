// `sidetrack open KEY URL`.

import type { Command } from 'commander'
import { isRoutingKey } from '../../core/routing-key.ts'
import { SidetrackError } from '../../runtime/errors.ts'
import { aborted } from '../../runtime/program.ts'
import type { Session } from '../session.ts'
import { wrong } from '../wrong.ts'

interface Options {
  readonly port: string
  readonly insecure?: boolean
  readonly browser: boolean
}

export function define(command: Command, session: Session): void {
  command
    .argument('<key>', 'the routing key, or several in order of precedence: pr-42.pr-57')
    .argument('<url>', 'where to start: https://shop.example/cart')
    .option('-p, --port <port>', 'of the proxy on this machine; any if not given', '0')
    .option('-k, --insecure', "do not check the site's certificate")
    .option('--no-browser', 'print the address, and open no browser')
    .action((key: string, url: string, options: Options) => open(key, url, options, session))
}

async function open(keys: string, text: string, options: Options, session: Session): Promise<void> {
  const bad = keys.split('.').find((key) => !isRoutingKey(key))
  if (bad !== undefined) throw wrong(`${JSON.stringify(bad)} is no routing key: 1 to 63 letters, digits, - and _`)
  const url = URL.parse(text)
  if (url === null || !/^https?:$/.test(url.protocol)) throw wrong(`${text} is no address like https://shop.example/`)
  const port = Number(options.port)
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw wrong(`--port ${options.port} is no port`)
  const { startOpenProxy } = await import('../open/proxy.ts')
  const settings = { site: url.origin, keys, port, insecure: options.insecure === true }
  const failed = (line: string) => void session.stderr.write(`${line}\n`)
  const proxy = await startOpenProxy({ ...settings, failed }).catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new SidetrackError('ST2004', `cannot listen on 127.0.0.1:${port}: ${why}`, { cause })
  })
  const start = proxy.origin + url.pathname + url.search + url.hash
  session.stdout.write(`${start}  is ${url.origin} with the key ${keys}; Ctrl-C ends it\n`)
  if (options.browser) {
    const { openBrowser } = await import('../open/browser.ts')
    openBrowser(start)
  }
  await aborted(session.signal)
  await proxy.close()
}
