import { auditStock, type StockAudit } from './auditor-stock.ts'
import { NEXT_CRON } from './crash.ts'
import type { Ran } from './loop.ts'
import { MINUTE, SETTLED, type StockWorld, skuNo } from './stock-world.ts'

/** SKUs of a world that is swept: enough for two batches of patches. */
export const SWEPT = 30
/** Far more than a sweep sells. */
export const PLENTY = 5000

/** Lines of the configuration: orders count until they are shipped, whoever read what when. */
export const carried = 'shadow: { carry: open_orders }'

export interface StockSweep {
  readonly kills: number
  /** Names of the boundaries at which a run died. */
  readonly places: ReadonlySet<string>
}

/** What happens between two starts: buyers on both channels, and Zoho's number changes for others, up and down. */
function trade(world: StockWorld, n: number): void {
  world.buy('amazon', skuNo(1 + (n % 5)), 2)
  world.buy('mirakl', skuNo(1 + (n % 7)), 3)
  world.clock.advance(SETTLED)
  world.setStock({ [skuNo(11 + (n % 9))]: PLENTY + n, [skuNo(20 + (n % 9))]: PLENTY - n })
}

/**
 * Kills `args` at its boundaries `from`, `from + step`, ... until it has none left, each time with new orders and new numbers on the way,
 * and lets cron come again after each kill.
 */
export async function sweepStock(world: StockWorld, args: readonly string[], { from = 1, step = 1 } = {}): Promise<StockSweep> {
  const places = new Set<string>()
  let kills = 0
  for (let n = from; ; n += step) {
    trade(world, n)
    const ran = await world.isync([...args, '--json'], { ISYNC_FAULT: String(n) })
    world.clock.advance(NEXT_CRON)
    if (ran.signal === null) break
    kills += 1
    places.add(/SIGKILL at (\S+)/.exec(ran.stderr)?.[1] ?? '')
    // Every other time the next start is another command than the one that died.
    await quiet(world, n % 2 === 0 ? args : ['inventory:rebalance', '--all'])
  }
  return { kills, places }
}

/** A start that nothing disturbs. Throws unless it did its work, in whole or in part. */
export async function quiet(world: StockWorld, args: readonly string[]): Promise<Ran> {
  const ran = await world.isync([...args, '--json'])
  if (ran.code === 0 || ran.code === 3) return ran
  throw new Error(`${args.join(' ')} ended with ${ran.code ?? ran.signal}\n${ran.stdout}\n${ran.stderr}`)
}

/** Cron comes again until the channels show what they should, or `rounds` are over. */
export async function untilShown(world: StockWorld, rounds = 3): Promise<StockAudit> {
  for (let round = 0; round < rounds; round += 1) {
    world.clock.advance(16 * MINUTE)
    await quiet(world, ['inventory:full'])
    world.clock.advance(SETTLED)
    if (auditStock(world.sandbox).wrong.length === 0) break
  }
  return auditStock(world.sandbox)
}

/** Publications that no channel has settled, over all channels, as a run counts them. */
export async function unsettled(world: StockWorld): Promise<number> {
  const { channels } = (await quiet(world, ['inventory:rebalance', '--all'])).json<{
    readonly channels: readonly { readonly counts: Readonly<Record<string, number>> }[]
  }>()
  const kinds = ['failed', 'refused', 'held', 'awaiting_report', 'handed_over', 'accepted'] as const
  return channels.reduce((sum, { counts }) => sum + kinds.reduce((n, kind) => n + (counts[kind] ?? 0), 0), 0)
}
