import type { Run } from '../context.ts'
import type { Severity } from '../db/alerts.ts'
import { type NewFinding, recordFindings } from '../db/findings.ts'

/**
 * What can be found.
 * - `missing`: open at the channel, unknown here; `not-pushed`: known here, not in ShipStation
 * - `still-open`: we told the channel of every package, and it still waits; `differs`: units or amount are not the channel's
 * - `unconfirmed`: shipped, and the channel was not told in time; `stuck`: in one state for too long
 * - `doubled`: twice in ShipStation; `unknown-order`: in one of our stores there, and not ours; `gone`: ours, and no longer there
 * - `orphan`: a package of an order that nobody knows
 * - `quantity`: the channel shows another quantity than it was told
 */
export const findingKinds = [
  'missing',
  'not-pushed',
  'still-open',
  'differs',
  'unconfirmed',
  'stuck',
  'doubled',
  'unknown-order',
  'gone',
  'orphan',
  'quantity',
] as const

export type FindingKind = (typeof findingKinds)[number]

/** A finding before it has an id. */
export interface Found {
  readonly kind: FindingKind
  readonly channel: string
  readonly externalOrderId?: string
  readonly sku?: string
  /** Default: warning. */
  readonly severity?: Severity
  readonly detail: string
  readonly next: string
}

const ROWS_AT_ONCE = 500

/** Writes down what was found in turns, each its own transaction. What is found twice stands once, as it was found first. */
export async function recordFound(run: Run, found: readonly Found[]): Promise<void> {
  const once = new Map(found.toReversed().map((one) => [[one.kind, one.channel, one.externalOrderId, one.sku].join('\n'), one]))
  const findings = toFindings(run, [...once.values()])
  for (let start = 0; start < findings.length; start += ROWS_AT_ONCE) {
    const part = findings.slice(start, start + ROWS_AT_ONCE)
    await run.db.transaction((tx) => recordFindings(tx, run.id, part, run.clock.now()))
  }
}

function toFindings(run: Pick<Run, 'ids'>, found: readonly Found[]): NewFinding[] {
  return found.map(({ kind, channel, externalOrderId = '', sku = '', severity = 'warning', detail, next }) => ({
    id: run.ids.next(),
    kind,
    channel,
    externalOrderId,
    sku,
    severity,
    detail,
    next,
  }))
}

/** `3 h`, `2 days`: how long something has lasted, for a detail that is read and not computed with. */
export function lasted(ms: number): string {
  const minutes = Math.round(ms / 60_000)
  if (minutes < 120) return `${minutes} min`
  const hours = Math.round(minutes / 60)
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`
}
