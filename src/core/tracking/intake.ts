import type { Run } from '../context.ts'
import { readCursor, type Stream, writeCursor } from '../db/cursors.ts'
import type { Db } from '../db/db.ts'
import { addEvents } from '../db/events.ts'
import { holdsLease } from '../db/leases.ts'
import {
  packedQuantities,
  type ShipmentLineRow,
  type ShipmentRow,
  type ShipmentState,
  saveShipment,
  shipmentsByIds,
} from '../db/shipments.ts'
import { addTasks } from '../db/tasks.ts'
import { StoppedError } from '../errors.ts'
import type { Shipment } from '../model/shipment.ts'
import { orderEvent } from '../orders/order-event.ts'
import { isOwnKey } from '../orders/order-key.ts'
import { addCounts } from '../orders/pull-orders.ts'
import type { Cursor } from '../ports/marketplace.ts'
import type { ShipmentPage, ShippingConnector } from '../ports/shipping.ts'
import type { HeldLease } from '../tasks/exclusive.ts'
import { type MatchedOrder, matchOrders } from './match-order.ts'
import { linesInPackage, packedKey } from './packages.ts'
import { alert, toRow } from './shipment-rows.ts'
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
    const counts = await storeShipments(run, shipping, stream, page, lease)
    total = addCounts(total, counts)
    run.log.info({ channel: shipping.account, step: 'tracking:sync', stream, shipments: page.shipments.length }, 'page stored')
  }
  return total
}

/** Orders are matched first: ShipStation may have to be asked, and no call may be made inside a transaction. */
async function storeShipments(
  run: Run,
  shipping: ShippingConnector,
  stream: Exclude<Stream, 'orders'>,
  page: ShipmentPage,
  lease: HeldLease,
): Promise<IntakeCounts> {
  // A page may hold a shipment twice.
  const shipments = [...new Map(page.shipments.map((shipment) => [shipment.id, shipment])).values()]
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
    await writeCursor(tx, shipping.account, stream, page.next, run.clock.now())
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
  const packed = new Map(
    (
      await packedQuantities(
        tx,
        orders.map(({ row }) => row.id),
      )
    ).map((line) => [packedKey(line.order_id, line.external_line_id), line.quantity]),
  )
  const lines = state === 'matched' ? linesInPackage(shipment, orders, packed) : []
  await saveShipment(tx, toRow(run, shipment, state, reason), lines)
  counts.new += known === undefined ? 1 : 0
  counts[state === 'voided' ? 'voided' : state] += 1
  if (state === 'matched') await wantConfirmed(tx, run, shipment, orders, lines, counts)
}

function judge(shipment: Shipment, orders: readonly MatchedOrder[]): { state: ShipmentState; reason: string | null } {
  if (shipment.isReturn) return { state: 'ignored', reason: 'return label' }
  if (orders.length > 0) return { state: 'matched', reason: null }
  if (shipment.shipStationOrderId === undefined) return { state: 'ignored', reason: 'label without an order' }
  const ours = shipment.orderKey !== undefined && isOwnKey(shipment.orderKey)
  return { state: 'orphan', reason: ours ? 'our order key, but no such order here' : 'order unknown' }
}

async function wantConfirmed(
  tx: Db,
  run: Run,
  shipment: Shipment,
  orders: readonly MatchedOrder[],
  lines: readonly ShipmentLineRow[],
  counts: Counts,
): Promise<void> {
  const now = run.clock.now()
  for (const { row } of orders) {
    const held = lines.filter(({ order_id }) => order_id === row.id)
    const detail = {
      shipment: shipment.id,
      tracking: shipment.trackingNumber,
      units: held.reduce((sum, { quantity }) => sum + quantity, 0),
    }
    await addEvents(tx, [orderEvent(run, row.channel, row.external_order_id, 'shipped at ShipStation', detail)])
    const problem = unconfirmable(shipment, held, orders.length)
    if (problem === 'silent') continue
    if (problem !== undefined) {
      await alert(
        tx,
        run,
        problem.rule,
        row.channel,
        'warning',
        `${row.external_order_id}: ${problem.message} (${shipment.id})`,
        `isync orders:show ${row.external_order_id}`,
      )
      continue
    }
    counts.to_confirm += 1
    const key = await confirmKey(tx, row, shipment)
    await addTasks(
      tx,
      [{ id: run.ids.next(), kind: 'confirm', key, channel: row.channel, orderId: row.id, shipmentId: shipment.id }],
      now,
    )
  }
}

/**
 * One confirmation per order and tracking number. A second package of the order under the same number holds other units, since none is in
 * two packages: they must be told too.
 */
async function confirmKey(tx: Db, row: MatchedOrder['row'], { trackingNumber, id, number }: Shipment): Promise<string> {
  const key = `${row.channel}:${row.external_order_id}:${trackingNumber}`
  const [other] = await tx.rows(`select 1 as one from tasks where kind = 'confirm' and key = ? and shipment_id <> ?`, [key, id])
  return other === undefined ? key : `${key}:${number}`
}

/** Why a package cannot be told to the channel; 'silent' for an order of a merge that has no part in this package. */
function unconfirmable(
  shipment: Shipment,
  held: readonly ShipmentLineRow[],
  orders: number,
): { rule: string; message: string } | 'silent' | undefined {
  if (held.length === 0 && orders > 1) return 'silent'
  if (held.length === 0)
    return { rule: 'extra-package', message: 'a further package was made though every unit is in a package already' }
  if (shipment.trackingNumber === '')
    return { rule: 'no-tracking', message: 'marked as shipped without a tracking number: confirm it at the channel by hand' }
  return undefined
}
