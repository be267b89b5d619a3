// Makes an input smaller while it is still a finding: takes out ever smaller pieces until none can go.

export async function minimise(
  input: Buffer,
  stillFails: (smaller: Buffer) => Promise<boolean>,
  mostTries = 400,
): Promise<Buffer> {
  let best = input
  let tries = 0
  for (let size = Math.max(1, best.length >> 1); size >= 1; size >>= 1) {
    for (let at = 0; at < best.length && tries < mostTries;) {
      const smaller = Buffer.concat([best.subarray(0, at), best.subarray(at + size)])
      tries++
      if (smaller.length > 0 && (await stillFails(smaller))) best = smaller
      else at += size
    }
  }
  return best
}
