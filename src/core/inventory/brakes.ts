import type { Brakes } from '../context.ts'
import type { ReadingFacts, ReadingKind } from '../db/readings.ts'

/** A brake that bit: nothing is published. */
export interface HeldBrake {
  /** Channel code, or `zoho` for the reading. */
  readonly where: string
  readonly what: string
  readonly why: string
}

/** Share of the whole, in percent. */
function share(part: number, whole: number): number {
  return whole === 0 ? 0 : (part * 100) / whole
}

function percent(part: number, whole: number): string {
  return `${Math.round(share(part, whole))} %`
}

/** Whether a reading of the stock source may be believed (SPEC 5.3). Undefined: it may. */
export function readingBrake(
  facts: ReadingFacts,
  { kind, short, brakes }: { readonly kind: ReadingKind; readonly short: string | undefined; readonly brakes: Brakes },
): HeldBrake | undefined {
  const held = (what: string, why: string): HeldBrake => ({ where: 'zoho', what, why })
  if (short !== undefined) return held('the stock reading is short', short)
  if (kind === 'full' && facts.usable === 0)
    return held(
      'the stock reading is empty',
      facts.staged === 0 ? 'Zoho showed not one item' : `not one of ${facts.staged} items has a stock number`,
    )
  const { known, missing, stocked, zeroed, dropped, totalBefore, totalAfter } = facts
  if (kind === 'full' && missing > brakes.missingMin && share(missing, known) > brakes.missingPct)
    return held(
      'the stock reading lacks items',
      `${missing} of ${known} known SKUs (${percent(missing, known)}) are not in it; the limit is ${brakes.missingPct} %`,
    )
  if (zeroed > brakes.zeroMin && share(zeroed, stocked) > brakes.zeroPct)
    return held(
      'the stock reading zeroes too much',
      `${zeroed} of ${stocked} SKUs with stock (${percent(zeroed, stocked)}) would have none; the limit is ${brakes.zeroPct} %`,
    )
  const lost = totalBefore - totalAfter
  if (dropped > brakes.dropMin && share(lost, totalBefore) > brakes.dropPct)
    return held(
      'the total stock drops too far',
      `from ${totalBefore} to ${totalAfter} units (${percent(lost, totalBefore)}) over ${dropped} SKUs; the limit is ${brakes.dropPct} %`,
    )
  return undefined
}

/** What one recomputation would do to a channel. */
export interface ChannelFacts {
  /** SKUs that the channel has taken a quantity of, and lists. */
  readonly listed: number
  /** ... that would go from something to nothing though no order took the last of them. */
  readonly zeroed: number
}

/** Whether a recomputation may be published on a channel. */
export function channelBrake(channel: string, { listed, zeroed }: ChannelFacts, brakes: Brakes): HeldBrake | undefined {
  if (zeroed <= brakes.zeroMin || share(zeroed, listed) <= brakes.zeroPct) return undefined
  return {
    where: channel,
    what: `too much of ${channel} would be set to zero`,
    why: `${zeroed} of ${listed} listed SKUs (${percent(zeroed, listed)}), and not because orders took the last of them; the limit is ${brakes.zeroPct} %`,
  }
}
