import type { NormalizedOrder, PoisonOrder } from '../../core/model/order.ts'
import type { OrderPage } from '../../core/ports/marketplace.ts'
import { safeText } from '../http/classify.ts'
import { limitOf, type MiraklClient, type MultiShipment, orderIdParameter, readSeekPages } from './client.ts'
import { DONE, ENDED, needsCrossCheck, type Remaining } from './lines.ts'
import { isShippedByOthers, readOrder, toOrder } from './orders.ts'
import { type WireOrder, wireItemsToShip } from './wire.ts'

/** The most orders that an answer of ST12 holds. */
const PAGE = 100
/** Ids per ST12 call: they stand in the address line. */
const CROSS_CHECK_IDS = 50

const KNOWN: ReadonlySet<string> = new Set([
  ...DONE,
  ...ENDED,
  'STAGING',
  'WAITING_ACCEPTANCE',
  'WAITING_DEBIT',
  'WAITING_DEBIT_PAYMENT',
  'SHIPPING',
])

export type Orders = Pick<OrderPage, 'orders' | 'poison' | 'skipped'>

/** Documents of the marketplace in our shape, with what ST12 says is left of those whose own lines may say too much. */
export async function readAll(
  client: MiraklClient,
  multiShipment: MultiShipment,
  raws: readonly unknown[],
  signal: AbortSignal,
): Promise<Orders> {
  const { settings } = client
  const poison: PoisonOrder[] = []
  const found: { readonly wire: WireOrder; readonly raw: unknown }[] = []
  let skipped = 0
  for (const raw of raws) {
    const read = readOrder(raw, settings.channel)
    if ('poison' in read) poison.push(read.poison)
    else if (isShippedByOthers(read.wire)) skipped += 1
    // Fraud checks: may never become an order, and comes back by update date when it does (contract section 4).
    else if (read.wire.order_state !== 'STAGING') found.push({ wire: read.wire, raw })
  }
  const doubtful = found.filter(({ wire }) => needsCrossCheck(wire)).map(({ wire }) => wire.order_id)
  const remaining = await readRemaining(client, multiShipment, doubtful, signal)
  const orders: NormalizedOrder[] = []
  for (const { wire, raw } of found) {
    if (!KNOWN.has(wire.order_state)) warnOfState(client, wire)
    const result = toOrder(wire, raw, remaining.get(wire.order_id), settings)
    if ('order' in result) orders.push(result.order)
    else poison.push(result.poison)
  }
  return { orders, poison, skipped }
}

function warnOfState(client: MiraklClient, wire: WireOrder): void {
  const fields = { channel: client.settings.channel, order_id: wire.order_id, state: safeText(wire.order_state) }
  client.gate.log.warn(fields, 'unknown order state: held for a person')
}

/**
 * ST12 for these orders only (contract section 4). An asked order that is not in the answer has nothing left and gets an empty map.
 * Where multi-shipment is off nothing is known, and the lines' own states have to do.
 */
async function readRemaining(
  client: MiraklClient,
  multiShipment: MultiShipment,
  orderIds: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Remaining>> {
  const byOrder = new Map<string, Map<string, number>>()
  for (let i = 0; i < orderIds.length && !(await multiShipment.isOff()); i += CROSS_CHECK_IDS) {
    const ids = orderIds.slice(i, i + CROSS_CHECK_IDS)
    const query = [limitOf(PAGE), ...ids.map(orderIdParameter)]
    const items = await readSeekPages(client, { operation: 'ST12', path: '/api/shipments/items_to_ship', query }, signal)
    if (items === undefined) {
      await multiShipment.switchOff()
      return byOrder
    }
    for (const id of ids) byOrder.set(id, new Map())
    for (const item of items) addRemaining(byOrder, item)
  }
  return byOrder
}

/**
 * A line stands here once per package that its article consists of, each with the number of articles: the largest number counts. The same
 * package named twice adds up.
 */
function addRemaining(byOrder: Map<string, Map<string, number>>, item: unknown): void {
  const parsed = wireItemsToShip.safeParse(item)
  if (!parsed.success) return
  const byPackage = new Map<string, Map<string, number>>()
  for (const line of parsed.data.shipment_lines) {
    const packages = byPackage.get(line.order_line_id) ?? new Map<string, number>()
    const reference = line.package_reference ?? ''
    packages.set(reference, (packages.get(reference) ?? 0) + line.quantity)
    byPackage.set(line.order_line_id, packages)
  }
  const lines = byOrder.get(parsed.data.order_id)
  for (const [id, packages] of byPackage) lines?.set(id, Math.max(lines.get(id) ?? 0, ...packages.values()))
}
