import { OperatorError } from '../../core/errors.ts'

/** Asks on a terminal. Without one, and without --yes, it refuses and names the flag: cron must never hang on a question. */
export async function confirmed(question: string, yes: boolean): Promise<boolean> {
  if (yes) return true
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new OperatorError({
      what: 'a yes is needed',
      where: question,
      why: 'there is no terminal to ask on',
      next: 'run it again with --yes',
    })
  }
  const { confirm } = await import('@inquirer/prompts')
  return confirm({ message: question, default: false })
}
