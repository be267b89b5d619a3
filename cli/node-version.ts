// Whether this Node can run the program. Looked at before anything else is loaded: an older one fails in the middle of it, in words of its own.

/** As package.json says under `engines`; a test compares them. */
export const LEAST_NODE = '24.18.1'

/** What to tell a person whose Node is too old; undefined if it is not. `version`: `24.18.1`. */
export function unfitNode(version: string): string | undefined {
  const [has, needs] = [version, LEAST_NODE].map((text) => text.split('.').map(Number))
  for (const [index, least] of (needs ?? []).entries()) {
    const part = has?.[index] ?? 0
    if (part > least) return undefined
    if (part < least)
      return `sidetrack: Node.js ${version} is too old: version ${LEAST_NODE} or newer is needed\n  Install it (https://nodejs.org/en/download), or run the program by it: npx -p node@26 -p sidetrack sidetrack …\n`
  }
  return undefined
}
