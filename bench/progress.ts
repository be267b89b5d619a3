// Says what is being measured, on stderr: stdout is for results.

export type Progress = (line: string) => void

export const stderrProgress: Progress = (line) => {
  process.stderr.write(`bench: ${line}\n`)
}
