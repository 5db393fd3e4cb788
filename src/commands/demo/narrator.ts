import type { Output } from '../shell/print.ts'
import type { Ran, Stage } from './stage.ts'

/** Tells the story: what happens, which command runs, what it says. */
export interface Narrator {
  /** What happens now, with the time of day. */
  say(text: string): void
  note(text: string): void
  show(command: string, ran: Ran): void
  /** Runs a command line of words without blanks and shows it. */
  isync(command: string): Promise<Ran>
  later(ms: number): void
  /** Many small calls wait for a vendor's rate limit; virtual time passes faster meanwhile. */
  fast<T>(work: () => Promise<T>): Promise<T>
}

/** Amazon takes two confirmations a second; at this speed a hundred take seconds. */
const FAST = 20

export function openNarrator(stage: Stage, output: Output): Narrator {
  const { clock } = stage

  function show(command: string, { stdout, code, signal, pid }: Ran): void {
    output.line()
    output.line(`  $ isync ${command}`)
    for (const line of stdout.trimEnd().split('\n')) if (line !== '') output.line(`    ${line}`)
    if (signal !== null) output.line(`    (process ${pid} ended by ${signal})`)
    else if (code !== 0) output.line(`    (exit code ${code})`)
  }

  return {
    say(text) {
      output.line()
      output.line(`${new Date(clock.now()).toISOString().slice(11, 16)}  ${text}`)
    },
    note(text) {
      output.line(`       ${text}`)
    },
    show,
    async isync(command) {
      const ran = await stage.isync(command.split(' '))
      show(command, ran)
      return ran
    },
    later(ms) {
      clock.advance(ms)
    },
    async fast(work) {
      clock.setScale(FAST)
      try {
        return await work()
      } finally {
        clock.setScale(1)
      }
    },
  }
}
