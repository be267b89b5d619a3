// Completion scripts for shells, made of the program's own commands and options.

export interface CompletionWord {
  readonly word: string
  readonly text: string
}

export interface CompletedCommand extends CompletionWord {
  /** `--namespace`, `-n`. */
  readonly options: readonly CompletionWord[]
  /** Its argument is the name of a sandbox. */
  readonly takesSandbox: boolean
}

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

/** What a shell asks for names; says nothing where there is no cluster. */
const NAMES = "sidetrack list 2>/dev/null | awk 'NR > 1 { print $1 }'"

export function completionScript(shell: Shell, commands: readonly CompletedCommand[]): string {
  switch (shell) {
    case 'bash':
      return bash(commands)
    case 'zsh':
      return zsh(commands)
    case 'fish':
      return fish(commands)
  }
}

function bash(commands: readonly CompletedCommand[]): string {
  return `# source <(sidetrack completion bash)
_sidetrack() {
  local current=\${COMP_WORDS[COMP_CWORD]} command='' word
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in ${words(commands, '|')}) command=$word; break ;; esac
  done
  COMPREPLY=()
  case $command in
    '') COMPREPLY=($(compgen -W '${words(commands, ' ')}' -- "$current")) ;;
${commands.map(bashCase).join('')}  esac
}
complete -o default -F _sidetrack sidetrack kubectl-sidetrack
`
}

function bashCase({ word, options, takesSandbox }: CompletedCommand): string {
  const names = takesSandbox
    ? `
      [[ $current == -* ]] || COMPREPLY=($(compgen -W "$(${NAMES})" -- "$current"))`
    : ''
  return `    ${word})
      [[ $current == -* ]] && COMPREPLY=($(compgen -W '${words(options, ' ')}' -- "$current"))${names}
      ;;
`
}

function zsh(commands: readonly CompletedCommand[]): string {
  return `#compdef sidetrack kubectl-sidetrack
# source <(sidetrack completion zsh)
_sidetrack() {
  local -a commands options
  commands=(${described(commands)})
  local command=\${words[(r)${words(commands, '|')}]}
  case $command in
    '') _describe command commands ;;
${commands.map(zshCase).join('')}  esac
}
compdef _sidetrack sidetrack kubectl-sidetrack
`
}

function zshCase({ word, options, takesSandbox }: CompletedCommand): string {
  const names = takesSandbox ? `compadd -- \${(f)"$(${NAMES})"}` : '_files'
  return `    ${word})
      options=(${described(options)})
      if [[ $PREFIX == -* ]]; then _describe option options; else ${names}; fi
      ;;
`
}

function fish(commands: readonly CompletedCommand[]): string {
  const names = words(commands, ' ')
  const lines = commands.flatMap(({ word, text, options, takesSandbox }) => [
    `complete -c sidetrack -n 'not __fish_seen_subcommand_from ${names}' -f -a ${word} -d ${quoted(text)}`,
    ...(takesSandbox
      ? [`complete -c sidetrack -n '__fish_seen_subcommand_from ${word}' -f -a ${quoted(`(${NAMES})`)}`]
      : []),
    ...options.map((each) => `complete -c sidetrack -n '__fish_seen_subcommand_from ${word}' ${fishOption(each)}`),
  ])
  return `# sidetrack completion fish | source\n${lines.join('\n')}\n`
}

function fishOption({ word, text }: CompletionWord): string {
  return `${word.startsWith('--') ? `-l ${word.slice(2)}` : `-s ${word.slice(1)}`} -d ${quoted(text)}`
}

function words(all: readonly CompletionWord[], separator: string): string {
  return all.map(({ word }) => word).join(separator)
}

/** \`'list:list sandboxes'\` */
function described(all: readonly CompletionWord[]): string {
  return all.map(({ word, text }) => quoted(`${word}:${text}`)).join(' ')
}

/** For all three shells: a quote ends the text, stands by itself, and goes on. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}
