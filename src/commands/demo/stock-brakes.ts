import type { Narrator } from './narrator.ts'
import type { Stage } from './stage.ts'
import { readStockBooks, type StockBooks, writtenByUs } from './stock-books.ts'

const MINUTE_MS = 60_000

/** Answers of Zoho that must not be believed, what came of them, and what came after. */
export interface BrakeTold {
  readonly held: readonly {
    readonly answer: string
    /** 5: held. */
    readonly exit_code: number | null
    /** Quantities that the channels were told all the same. */
    readonly told: number
  }[]
  /** Quantities that would have gone to 0 if the answer with the zeros had been believed. */
  readonly zeroed_without_brake: number
  /** The run after it, when Zoho answered as it should. */
  readonly next_exit_code: number | null
  readonly ok: boolean
}

/** Zoho breaks in two ways; when it has come back, the next run passes. */
export async function brokenZoho(stage: Stage, tell: Narrator): Promise<BrakeTold> {
  const { sandbox } = stage
  tell.later(10 * MINUTE_MS)
  tell.say('BROKEN ANSWER. Zoho answers 200, and every second item is missing. cron starts the next full run.')
  const half = await held(stage, tell, 'half')
  tell.note(`The channels were told ${half.told} quantities.`)
  tell.later(30 * MINUTE_MS)
  tell.say('BROKEN ANSWER. Zoho answers 200, with zero for every item.')
  sandbox.act('zoho', 'answer', { how: 'zeros' })
  const zeroed = await tell.fast(() => withoutBrake(stage))
  tell.note(`Believed, it would have set ${zeroed} quantities to 0: a dry run with --override-brake says so. cron's run:`)
  const zeros = await held(stage, tell, 'zeros')
  tell.note(`The channels were told ${zeros.told} quantities.`)
  tell.later(30 * MINUTE_MS)
  tell.say('Zoho answers as it should. The next run passes by itself, and the alert is over.')
  const next = await tell.fast(() => tell.isync('inventory:full'))
  const ok = [half, zeros].every(({ exit_code, told }) => exit_code === 5 && told === 0) && zeroed > 0 && next.code === 0
  return { held: [half, zeros], zeroed_without_brake: zeroed, next_exit_code: next.code, ok }
}

async function held({ sandbox }: Stage, tell: Narrator, answer: 'half' | 'zeros'): Promise<BrakeTold['held'][number]> {
  const before = written(readStockBooks(sandbox))
  sandbox.act('zoho', 'answer', { how: answer })
  const { code } = await tell.isync('inventory:full')
  tell.later(MINUTE_MS)
  return { answer, exit_code: code, told: written(readStockBooks(sandbox)) - before }
}

/** What the run would have sent if somebody had told it to believe the answer. Nothing is written anywhere. */
async function withoutBrake(stage: Stage): Promise<number> {
  const { stdout } = await stage.isync(['inventory:full', '--override-brake', '--dry-run', '--json'])
  const { plan } = JSON.parse(stdout) as { readonly plan: readonly { readonly detail: string }[] }
  return plan.filter(({ detail }) => / -> 0$/.test(detail)).length
}

function written({ channels }: StockBooks): number {
  return channels.flatMap(({ offered }) => offered.map((one) => writtenByUs(one).length)).reduce((sum, n) => sum + n, 0)
}
