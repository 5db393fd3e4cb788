import type { Command, Option } from 'commander'

/** What may stand behind a word on the command line: one of a few words, a channel of the configuration, a file, or anything. */
export type Value = { readonly of: 'words'; readonly words: readonly string[] } | { readonly of: 'channel' | 'file' | 'anything' }

export interface CompletedOption {
  /** `--channel`, `-y`: what the shell offers. */
  readonly flags: readonly string[]
  readonly description: string
  /** Undefined: the option takes no value. */
  readonly value: Value | undefined
}

export interface CompletedCommand {
  readonly name: string
  readonly description: string
  readonly options: readonly CompletedOption[]
  /** Values of the words that follow, in order. */
  readonly operands: readonly Value[]
}

/** The commands as a shell needs to know them, from the very tree that parses them. */
export function completionTree(
  commands: readonly Command[],
  summaries: ReadonlyMap<string, string>,
): readonly CompletedCommand[] {
  return commands.map((command) => ({
    name: command.name(),
    description: summaries.get(command.name()) ?? command.description(),
    options: [
      ...command.options.filter(({ hidden }) => !hidden).map(optionOf),
      { flags: ['-h', '--help'], description: 'display help for command', value: undefined },
    ],
    operands: command.registeredArguments.map((argument) => valueFor(argument.argChoices, argument.name())),
  }))
}

function optionOf(option: Option): CompletedOption {
  const flags = [option.short, option.long].filter((flag) => flag !== undefined)
  const placeholder = /[<[]([^>\]]+)[>\]]/.exec(option.flags)?.[1]
  const takesValue = option.required || option.optional
  return {
    flags,
    description: option.description,
    value: takesValue ? valueFor(option.argChoices, option.long === '--channel' ? 'channel' : (placeholder ?? '')) : undefined,
  }
}

function valueFor(choices: readonly string[] | undefined, name: string): Value {
  if (choices !== undefined) return { of: 'words', words: choices }
  if (name === 'channel' || name === 'code') return { of: 'channel' }
  return { of: /^(path|file|dir|folder)$/.test(name) ? 'file' : 'anything' }
}
