import { OperatorError } from '../../core/errors.ts'

export interface Choice<T> {
  readonly name: string
  readonly value: T
  readonly checked?: boolean
}

/** True, or what is wrong with the answer. */
export type Check = (answer: string) => true | string

/** How questions reach a person. */
export interface Ask {
  text(question: string, options: { readonly default?: string; readonly check: Check }): Promise<string>
  secret(question: string): Promise<string>
  one<T>(question: string, choices: readonly Choice<T>[]): Promise<T>
  several<T>(question: string, choices: readonly Choice<T>[]): Promise<readonly T[]>
  yes(question: string, byDefault: boolean): Promise<boolean>
}

/** Asks on the terminal; on stderr, so that stdout carries results alone. Without a terminal it refuses and names the flags. */
export async function terminalAsk(): Promise<Ask> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new OperatorError({
      what: 'init has questions and nobody to ask',
      where: 'isync init',
      why: 'there is no terminal',
      next: 'isync init --yes writes an example to edit; isync init --yes --sandbox writes one that works with isync sandbox',
    })
  }
  // Loaded here: only a person at a terminal needs it.
  const prompts = await import('@inquirer/prompts')
  const place = { output: process.stderr }
  return {
    text: (message, { default: byDefault, check }) =>
      answered(
        prompts.input(
          { message, validate: (answer) => check(answer.trim()), ...(byDefault === undefined ? {} : { default: byDefault }) },
          place,
        ),
      ).then((answer) => answer.trim()),
    secret: (message) => answered(prompts.password({ message, mask: true }, place)),
    one: (message, choices) => answered(prompts.select({ message, choices: [...choices] }, place)),
    several: (message, choices) => answered(prompts.checkbox({ message, choices: [...choices], required: true }, place)),
    yes: (message, byDefault) => answered(prompts.confirm({ message, default: byDefault }, place)),
  }
}

async function answered<T>(question: Promise<T>): Promise<T> {
  try {
    return await question
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ExitPromptError') throw error
    const facts = {
      what: 'stopped',
      where: 'isync init',
      why: 'the questions were broken off',
      next: 'isync init; nothing was written',
    }
    throw new OperatorError(facts, { cause: error })
  }
}
