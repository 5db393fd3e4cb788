import type { CompletedCommand, CompletedOption, Value } from './completion-tree.ts'

export const shells = ['bash', 'zsh', 'fish'] as const

export type Shell = (typeof shells)[number]

/** A script for this shell, to be sourced. Channel codes are asked for at the moment of completion; all else stands in it. */
export function completionScript(shell: Shell, commands: readonly CompletedCommand[]): string {
  return { bash: bashScript, zsh: zshScript, fish: fishScript }[shell](commands)
}

/** Prints the channel codes of the configuration, one a line, or nothing. */
const CHANNELS = 'isync completion channels 2>/dev/null'

function bashScript(commands: readonly CompletedCommand[]): string {
  const cases = commands.map(({ name, options, operands }) => {
    const values = options.flatMap(({ flags, value }) =>
      value === undefined ? [] : [`      ${flags.join('|')}) ${bashReply(value)}; return ;;`],
    )
    const words = operands.map((value, at) => `      ${at}) ${bashReply(value)} ;;`)
    return `    ${name})
      case $prev in
${values.map((line) => `  ${line}`).join('\n')}
      esac
      if [[ $cur == -* ]]; then
        _isync_words '${options.flatMap(({ flags }) => flags).join(' ')}'
        return
      fi
${words.length === 0 ? '' : `      case $operand in\n${words.map((line) => `  ${line}`).join('\n')}\n      esac\n`}      ;;`
  })
  return `# bash completion for isync; source <(isync completion bash)
_isync_words() {
  local word
  COMPREPLY=()
  for word in $1; do
    # Bash takes what stands behind a colon for a word of its own, and puts only that in its place.
    [[ $word == "$cur"* ]] && COMPREPLY+=("\${word#"$colon"}")
  done
}
_isync_files() {
  local file
  COMPREPLY=()
  while IFS= read -r file; do COMPREPLY+=("$file"); done < <(compgen -f -- "$cur")
  compopt -o filenames 2>/dev/null
}
_isync() {
  local -a words=()
  local i piece last='' cur prev colon='' command='' operand=0
  # orders:pull comes as three words; they are one.
  for ((i = 0; i <= COMP_CWORD; i++)); do
    piece=\${COMP_WORDS[i]}
    if [[ $piece == : || $last == : ]] && ((\${#words[@]} > 1)); then
      words[\${#words[@]}-1]+=$piece
    elif [[ $piece != = ]]; then
      words+=("$piece")
    elif ((i == COMP_CWORD)); then
      words+=('')
    fi
    last=$piece
  done
  cur=\${words[\${#words[@]}-1]}
  prev=\${words[\${#words[@]}-2]}
  [[ $cur == *:* && \${COMP_WORDBREAKS-:} == *:* ]] && colon=\${cur%"\${cur##*:}"}
  COMPREPLY=()
  if ((\${#words[@]} <= 2)); then
    _isync_words '${[...commands.map(({ name }) => name), 'help', '--help', '--version'].join(' ')}'
    return
  fi
  command=\${words[1]}
  for ((i = 2; i < \${#words[@]} - 1; i++)); do
    [[ \${words[i]} == -* || \${words[i-1]} == -* ]] || ((operand += 1))
  done
  case $command in
    help) _isync_words '${commands.map(({ name }) => name).join(' ')}' ;;
${cases.join('\n')}
  esac
}
complete -F _isync isync
`
}

function bashReply(value: Value): string {
  if (value.of === 'words') return `_isync_words '${value.words.join(' ')}'`
  if (value.of === 'channel') return `_isync_words "$(${CHANNELS})"`
  return value.of === 'file' ? '_isync_files' : ':'
}

function zshScript(commands: readonly CompletedCommand[]): string {
  const names = commands.map(({ name, description }) => `    ${quoted(`${name.replaceAll(':', '\\:')}:${description}`)}`)
  const cases = commands.map(({ name, options, operands }) => {
    const specs = [...options.map(zshOption), ...operands.map((value, at) => quoted(`${at + 1}:${zshValue(value)}`))]
    return `    ${name})\n      _arguments -s -S \\\n${specs.map((spec) => `        ${spec}`).join(' \\\n')}\n      ;;`
  })
  return `#compdef isync
# zsh completion for isync; source <(isync completion zsh), after compinit
_isync_channels() {
  local -a channels
  channels=(\${(f)"$(${CHANNELS})"})
  compadd -a channels
}
_isync() {
  local curcontext="$curcontext" state line
  local -a commands
  commands=(
${names.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe -t commands 'isync command' commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
    help)
      _describe -t commands 'isync command' commands
      ;;
${cases.join('\n')}
  esac
}
if [ "$funcstack[1]" = _isync ]; then
  _isync "$@"
else
  compdef _isync isync
fi
`
}

/** `'*--channel[only this channel]:channel:_isync_channels'`. Repeating is never wrong: commander knows better. */
function zshOption({ flags, description, value }: CompletedOption): string {
  const text = description.replace(/[[\]\\:]/g, '\\$&')
  return flags.map((flag) => quoted(`*${flag}[${text}]${value === undefined ? '' : `:${zshValue(value)}`}`)).join(' ')
}

function zshValue(value: Value): string {
  if (value.of === 'words') return `value:(${value.words.join(' ')})`
  if (value.of === 'channel') return 'channel:_isync_channels'
  return value.of === 'file' ? 'file:_files' : 'value: '
}

function fishScript(commands: readonly CompletedCommand[]): string {
  const lines = commands.flatMap(({ name, description, options, operands }) => [
    `complete -c isync -n __fish_use_subcommand -a ${fishQuoted(name)} -d ${fishQuoted(description)}`,
    ...options.map((option) => `complete -c isync -n ${fishQuoted(`__fish_seen_subcommand_from ${name}`)} ${fishOption(option)}`),
    ...operands.flatMap((value) => {
      const words = fishWords(value)
      return words === undefined ? [] : [`complete -c isync -n ${fishQuoted(`__fish_seen_subcommand_from ${name}`)} -a ${words}`]
    }),
  ])
  return `# fish completion for isync; isync completion fish | source
complete -c isync -f
complete -c isync -n __fish_use_subcommand -s V -l version -d 'output the version number'
${lines.join('\n')}
`
}

function fishOption({ flags, description, value }: CompletedOption): string {
  const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`))
  const words = value === undefined ? undefined : fishWords(value)
  const takes = value === undefined ? [] : value.of === 'file' ? ['-r -F'] : [words === undefined ? '-x' : `-x -a ${words}`]
  return [...names, ...takes, `-d ${fishQuoted(description)}`].join(' ')
}

function fishWords(value: Value): string | undefined {
  if (value.of === 'words') return fishQuoted(value.words.join(' '))
  return value.of === 'channel' ? fishQuoted(`(${CHANNELS})`) : undefined
}

/** One word of zsh, without meaning of its own. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}

function fishQuoted(text: string): string {
  return `'${text.replace(/['\\]/g, '\\$&')}'`
}
