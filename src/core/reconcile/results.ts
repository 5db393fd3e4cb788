import type { Run } from '../context.ts'
import { raiseAlert, resolveAlert, type Severity } from '../db/alerts.ts'
import { mappedRows, unpushedAmong } from '../db/comparisons.ts'
import { closeRepaired, closeUnseen } from '../db/findings.ts'
import type { ChannelCode } from '../model/channel.ts'
import { type FindingKind, type Found, recordFound } from './finding.ts'
import { belongsInShipStation, type Compared, type MissingOrder } from './open-orders.ts'
import { missingPct, missingSeverity } from './thresholds.ts'

/** How a channel's open orders stood before the repair, and what is left after it. */
export interface ChannelSummary {
  readonly channel: ChannelCode
  readonly open: number
  readonly mapped: number
  readonly missing: number
  readonly missingPct: number
  readonly severity: Severity | 'none'
  readonly repaired: readonly MissingOrder[]
  readonly left: readonly MissingOrder[]
}

/** Ids that a message names. */
const EXAMPLES = 5
const missingKinds: readonly FindingKind[] = ['missing', 'not-pushed']
const comparedKinds: readonly FindingKind[] = [...missingKinds, 'still-open', 'differs']

/** Counts what the repair, where there was one, has brought into ShipStation meanwhile. */
export async function summaryOf(
  run: Run,
  channel: ChannelCode,
  { open, mapped, missing }: Compared,
  isRepaired: boolean,
): Promise<ChannelSummary> {
  const ids = missing.map(({ externalOrderId }) => externalOrderId)
  const rows = await mappedRows(run.db, channel, ids)
  // A push that is done and has no id was refused by a dry run, and stands in its plan.
  const unpushed = isRepaired ? await unpushedAmong(run.db, channel, ids) : []
  const planned = new Set(unpushed.flatMap((row) => (row.task_state === 'done' ? [row.external_order_id] : [])))
  const now = new Map(rows.map((row) => [row.external_order_id, row]))
  const isThere = ({ externalOrderId: id }: MissingOrder) => {
    if (planned.has(id)) return true
    const row = now.get(id)
    // Read again, an order may turn out to be a second copy, or not to be shipped at all: nothing of it is missing then.
    return row !== undefined && (row.shipstation_order_id !== null || (row.twin_of ?? '') !== '' || !belongsInShipStation(row))
  }
  const left = missing
    .filter((order) => !isThere(order))
    .map(({ externalOrderId: id }) => ({ externalOrderId: id, status: now.get(id)?.status }))
  const severity = missingSeverity(missing.length, open, run.settings.reconcile.limits)
  return {
    channel,
    open,
    mapped,
    missing: missing.length,
    missingPct: missingPct(missing.length, open),
    severity,
    repaired: missing.filter(isThere),
    left,
  }
}

export interface Results {
  /** What was looked at: channels, and the account of ShipStation. */
  readonly channels: readonly string[]
  readonly summary: readonly ChannelSummary[]
  /** By channel whose open orders were compared: what was found beside missing orders. */
  readonly compared: ReadonlyMap<ChannelCode, readonly Found[]>
  /** What was found in our own books and in ShipStation's. */
  readonly books: readonly Found[]
  /** Kinds of which `books` is complete. */
  readonly kinds: readonly FindingKind[]
}

/** Findings, their end where they were not seen again, and the alerts: one per channel about missing orders. */
export async function writeDown(run: Run, { channels, summary, compared, books, kinds }: Results): Promise<void> {
  for (const one of summary) {
    const { channel, repaired, left } = one
    const found = [...repaired, ...left].map((order) => missingFound(one, order))
    await recordFound(run, [...found, ...(compared.get(channel) ?? [])])
    await run.db.transaction(async (tx) => {
      const now = run.clock.now()
      const ids = repaired.map(({ externalOrderId }) => externalOrderId)
      await closeRepaired(tx, { kinds: missingKinds, channel, externalOrderIds: ids }, now)
      await closeUnseen(tx, { runId: run.id, channel, kinds: comparedKinds }, now)
      await alertMissing(tx, run, one)
    })
  }
  await recordFound(run, books)
  for (const channel of channels) await closeUnseen(run.db, { runId: run.id, channel, kinds }, run.clock.now())
}

function missingFound({ channel, severity }: ChannelSummary, { externalOrderId, status }: MissingOrder): Found {
  const base = { channel, externalOrderId, severity: severity === 'none' ? 'warning' : severity } as const
  if (status === undefined) {
    const next = `isync orders:pull --channel ${channel} --order ${externalOrderId}`
    return { ...base, kind: 'missing', detail: 'open at the channel, and isync does not know it', next }
  }
  const next = status === 'poison' ? `isync orders:show ${externalOrderId}` : `isync retry --order ${externalOrderId} --kind push`
  return { ...base, kind: 'not-pushed', detail: `open at the channel, ${status} here, and not in ShipStation`, next }
}

async function alertMissing(tx: Parameters<typeof raiseAlert>[0], run: Run, summary: ChannelSummary): Promise<void> {
  const { channel, severity, missing, open, missingPct: pct, repaired, left } = summary
  const now = run.clock.now()
  if (severity === 'none') {
    await resolveAlert(tx, 'missing-orders', channel, now)
    return
  }
  const named = [...left, ...repaired].slice(0, EXAMPLES).map(({ externalOrderId }) => externalOrderId)
  const more = missing > named.length ? ` and ${missing - named.length} more` : ''
  const message = `${missing} of ${open} open orders (${pct} %) were not in ShipStation: ${named.join(', ')}${more}; ${repaired.length} repaired, ${left.length} left`
  const next = left.length === 0 ? `isync status` : `isync reconcile --channel ${channel}`
  await raiseAlert(tx, { id: run.ids.next(), rule: 'missing-orders', channel, severity, message, next }, now)
}
