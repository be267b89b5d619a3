// The reference of the command line, from what commander knows of each command.

import { PassThrough, Readable } from 'node:stream'
import type { Argument, Command, Option } from 'commander'
import { sidetrackProgram } from '../cli/program.ts'

/** A section for each command, and one for the options that all have. */
export async function commandReference(): Promise<string> {
  const nobody = new PassThrough()
  const session = {
    signal: new AbortController().signal,
    stdout: nobody,
    stderr: nobody,
    stdin: Readable.from([]),
    finish: () => {},
  }
  const program = await sidetrackProgram(session, undefined)
  const everywhere = `## Of every command\n\n${optionTable([...program.options, helpOption()])}`
  return `\n${[everywhere, ...program.commands.map(section)].join('\n')}\n`
}

function section(command: Command): string {
  const usage = ['sidetrack', command.name(), command.usage()].join(' ')
  const parts = [`## ${command.name()}`, command.description(), `\`\`\`\n${usage}\n\`\`\``]
  const rows = [...command.registeredArguments.map(argumentRow), ...command.options.filter(isShown).map(optionRow)]
  if (rows.length > 0) parts.push(table(rows).trimEnd())
  const after = helpAfter(command)
  if (after !== '') parts.push(`\`\`\`\n${after}\n\`\`\``)
  return `${parts.join('\n\n')}\n`
}

function isShown({ hidden }: Option): boolean {
  return !hidden
}

function helpOption(): ShownOption {
  return { flags: '-h, --help', description: 'display help for a command' }
}

type ShownOption = Pick<Option, 'flags' | 'description'> & Partial<Pick<Option, 'argChoices' | 'defaultValue'>>
type Row = readonly [name: string, meaning: string]

function argumentRow(argument: Argument): Row {
  const { required, variadic, argChoices, description } = argument
  const name = `${argument.name()}${variadic ? '…' : ''}`
  return [required ? `<${name}>` : `[${name}]`, description + choices(argChoices)]
}

function optionRow({ flags, description, argChoices, defaultValue }: ShownOption): Row {
  const given = typeof defaultValue === 'string' && defaultValue !== '' ? `; \`${defaultValue}\` if not given` : ''
  return [flags, description + choices(argChoices) + given]
}

function choices(words: readonly string[] | undefined): string {
  return words === undefined ? '' : `: ${words.join(', ')}`
}

function optionTable(options: readonly ShownOption[]): string {
  return table(options.map(optionRow))
}

function table(rows: readonly Row[]): string {
  const lines = rows.map((row) => `| \`${row[0].replaceAll('|', '\\|')}\` | ${row[1].replaceAll('|', '\\|')} |`)
  return `| | |\n| --- | --- |\n${lines.join('\n')}\n`
}

/** What `addHelpText('after')` brings: examples. */
function helpAfter(command: Command): string {
  let text = ''
  command.configureOutput({ writeOut: (part) => (text += part) })
  command.outputHelp()
  return text.slice(text.indexOf(command.helpInformation()) + command.helpInformation().length).trim()
}
