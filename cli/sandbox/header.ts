// The header that carries a routing key (https://www.w3.org/TR/baggage/).

const HEADER = 'baggage'
const MEMBER = 'sidetrack'

/** `baggage: sidetrack=pr-42`. A routing key has no character that would have to be encoded. */
export function headerOf(key: string): string {
  return `${HEADER}: ${MEMBER}=${key}`
}

/** A value of the header with the key in it: other members stay, a key that is there already gives way. */
export function withKey(value: string, key: string): string {
  const others = value
    .split(',')
    .map((member) => member.trim())
    .filter((member) => member !== '' && member.split(/[=;]/, 1)[0]?.trim() !== MEMBER)
  return [...others, `${MEMBER}=${key}`].join(',')
}

/** The value if `line` is a line of this header: `Baggage: a=1`. */
export function valueOf(line: string): string | undefined {
  const colon = line.indexOf(':')
  return colon !== -1 && line.slice(0, colon).trim().toLowerCase() === HEADER ? line.slice(colon + 1).trim() : undefined
}

/** The line as curl takes it. */
export function lineOf(value: string): string {
  return `${HEADER}: ${value}`
}
