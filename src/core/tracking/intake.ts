import type { Run } from '../context.ts'
import { readCursor, type Stream, writeCursor } from '../db/cursors.ts'
import type { Db } from '../db/db.ts'
import { holdsLease } from '../db/leases.ts'
import { type ShipmentRow, type ShipmentState, saveShipment, shipmentsByIds } from '../db/shipments.ts'
import { StoppedError } from '../errors.ts'
import type { Shipment } from '../model/shipment.ts'
import { isOwnKey } from '../orders/order-key.ts'
import { addCounts } from '../orders/pull-orders.ts'
import type { Cursor } from '../ports/marketplace.ts'
import type { ShipmentPage, ShippingConnector } from '../ports/shipping.ts'
import type { HeldLease } from '../tasks/exclusive.ts'
import { type MatchedOrder, matchOrders } from './match-order.ts'
import { pack } from './pack.ts'
import { toRow } from './shipment-rows.ts'
import { intakeVoid } from './voids.ts'

export interface IntakeCounts {
  readonly seen: number
  readonly new: number
  readonly matched: number
  readonly orphan: number
  readonly ignored: number
  readonly voided: number
  readonly to_confirm: number
}

export const noIntake: IntakeCounts = { seen: 0, new: 0, matched: 0, orphan: 0, ignored: 0, voided: 0, to_confirm: 0 }

/**
 * ShipStation speaks wall time without offset; in the repeated autumn hour an instant can be read an hour wrong. So each poll reads more
 * than an hour again; shipment ids make the repeat harmless.
 */
const OVERLAP_MS = 75 * 60_000
const FIRST_LOOK_MS = 7 * 86_400_000

type Counts = { -readonly [K in keyof IntakeCounts]: number }

/** Reads one of ShipStation's three lists since its cursor; every page is one transaction that ends with the cursor. */
export async function intakeStream(
  run: Run,
  shipping: ShippingConnector,
  stream: Exclude<Stream, 'orders'>,
  lease: HeldLease,
): Promise<IntakeCounts> {
  let total = noIntake
  for await (const page of listing(shipping, stream, await startOf(run, shipping, stream), run.signal)) {
    const counts = await storeShipments(run, shipping, page.shipments, lease, (tx) =>
      writeCursor(tx, shipping.account, stream, page.next, run.clock.now()),
    )
    total = addCounts(total, counts)
    run.log.info({ channel: shipping.account, step: 'tracking:sync', stream, shipments: page.shipments.length }, 'page stored')
  }
  return total
}

/**
 * Stores packages and what is to be told of them, in one transaction that `last` ends. Orders are matched first: ShipStation may have to be
 * asked, and no call may be made inside a transaction.
 */
export async function storeShipments(
  run: Run,
  shipping: ShippingConnector,
  read: readonly Shipment[],
  lease: HeldLease,
  last?: (tx: Db) => Promise<void>,
): Promise<IntakeCounts> {
  // A page may hold a shipment twice.
  const shipments = [...new Map(read.map((shipment) => [shipment.id, shipment])).values()]
  const ids = shipments.map(({ id }) => id)
  const matches = await matchOrders(run.db, shipping, await unmatched(run.db, shipments), run.signal)
  return run.db.transaction(async (tx) => {
    const counts: Counts = { ...noIntake }
    const known = new Map((await shipmentsByIds(tx, ids)).map((row) => [row.id, row]))
    for (const shipment of shipments) {
      await intake(tx, run, shipment, known.get(shipment.id), matches.get(shipment.id) ?? [], counts)
    }
    if (!(await holdsLease(tx, lease.name, lease.owner))) {
      throw new StoppedError(`the lease '${lease.name}' was taken over by another run`)
    }
    await last?.(tx)
    return counts
  })
}

/** Each poll repeats what is known: only what still lacks its order may cost a call. */
async function unmatched(db: Db, shipments: readonly Shipment[]): Promise<Shipment[]> {
  const known = await shipmentsByIds(
    db,
    shipments.map(({ id }) => id),
  )
  const settled = new Set(known.filter(({ state }) => state !== 'orphan').map(({ id }) => id))
  return shipments.filter(({ id, voidedAt }) => voidedAt === undefined && !settled.has(id))
}

function listing(
  shipping: ShippingConnector,
  stream: Exclude<Stream, 'orders'>,
  since: Cursor,
  signal: AbortSignal,
): AsyncIterable<ShipmentPage> {
  if (stream === 'shipments') return shipping.listShipments(since, signal)
  return stream === 'fulfillments' ? shipping.listFulfillments(since, signal) : shipping.listVoids(since, signal)
}

async function startOf(run: Run, shipping: ShippingConnector, stream: Stream): Promise<Cursor> {
  const now = run.clock.now()
  const saved = await readCursor(run.db, shipping.account, stream)
  return { at: saved === undefined ? now - FIRST_LOOK_MS : Math.min(saved.at, now) - OVERLAP_MS }
}

async function intake(
  tx: Db,
  run: Run,
  shipment: Shipment,
  known: ShipmentRow | undefined,
  orders: readonly MatchedOrder[],
  counts: Counts,
): Promise<void> {
  counts.seen += 1
  if (shipment.voidedAt !== undefined) {
    if (known?.state === 'voided') return
    counts.voided += 1
    await intakeVoid(tx, run, shipment, known)
    return
  }
  // Seen before: nothing can change but a void. Only orphans were looked up again, and some may have found their order since.
  if (known !== undefined && orders.length === 0) return
  const { state, reason } = judge(shipment, orders)
  const row = toRow(run, shipment, state, reason)
  counts.new += known === undefined ? 1 : 0
  counts[state === 'voided' ? 'voided' : state] += 1
  if (state === 'matched') counts.to_confirm += await pack(tx, run, row, orders)
  else await saveShipment(tx, row, [])
}

function judge(shipment: Shipment, orders: readonly MatchedOrder[]): { state: ShipmentState; reason: string | null } {
  if (shipment.isReturn) return { state: 'ignored', reason: 'return label' }
  if (orders.length > 0) return { state: 'matched', reason: null }
  if (shipment.shipStationOrderId === undefined) return { state: 'ignored', reason: 'label without an order' }
  const ours = shipment.orderKey !== undefined && isOwnKey(shipment.orderKey)
  return { state: 'orphan', reason: ours ? 'our order key, but no such order here' : 'order unknown' }
}
