// Shows an address in the person's browser, where there is one.

import { spawn } from 'node:child_process'

/** Does nothing on a machine without a browser: the address is printed anyway. */
export function openBrowser(url: string): void {
  const [program, ...args] = command(process.platform, url)
  if (program === undefined) return
  const child = spawn(program, args, { stdio: 'ignore', detached: true })
  child.on('error', () => {})
  child.unref()
}

function command(platform: NodeJS.Platform, url: string): readonly string[] {
  if (platform === 'darwin') return ['open', url]
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler', url]
  return ['xdg-open', url]
}
