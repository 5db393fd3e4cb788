import { isCancelled, type Line, lineIdOf, type Order, type Package } from './order.ts'
import { isCarrier, isTakenTracking, isTrackingNumber } from './tracking.ts'
import { invalidField, type TradingCall, type TradingFault, type TradingResult } from './trading-reply.ts'
import { isRecord, type Json, parseTime } from './wire.ts'
import { child, children, textOf } from './xml.ts'

const AHEAD_MS = 3 * 86_400_000
const DONE: TradingResult = {}

interface Target {
  readonly order: Order
  readonly lines: readonly Line[]
}

interface Parcel {
  readonly tracking: string
  readonly carrier: string
}

/** CompleteSale (contract section 4.1): what comes replaces what was there, for the whole order or for one line. */
export function completeSale(call: TradingCall): TradingResult {
  const { root, state, now } = call
  const target = readTarget(call)
  if ('code' in target) return { faults: [target] }
  const { order } = target
  order.completeSaleCalls += 1
  if (isCancelled(order)) return { faults: [{ code: 20500, short: 'The order is cancelled.', parameters: [order.paidId] }] }
  if (textOf(root, 'Paid') !== undefined) state.misdeeds.push(`CompleteSale ${order.paidId}: Paid was sent`)
  const shipped = textOf(root, 'Shipped')
  if (shipped !== undefined && shipped !== 'true' && shipped !== 'false') return { faults: [invalidField('Shipped', shipped)] }

  const shipment = child(root, 'Shipment')
  const parcels = readParcels(call, order, shipment ?? {})
  if ('code' in parcels) return { faults: [parcels] }
  const shippedText = textOf(shipment ?? {}, 'ShippedTime')
  const shippedAt = shippedText === undefined ? now : parseTime(shippedText)
  // Not before the sale either.
  if (shippedAt === undefined || shippedAt > now + AHEAD_MS || shippedAt < order.createdAt)
    return { faults: [invalidField('ShippedTime', shippedText)] }

  if (shipment !== undefined) replace(target, parcels, shippedAt, now + state.settings.trackingLagMs)
  if (shipped === 'true' && parcels.length === 0) for (const line of target.lines) line.markedAt ??= shippedAt
  if (shipped === 'false') unship(call, target)
  state.orders.touch(order, now)
  return DONE
}

/** The order id wins over the line's. */
function readTarget({ root, state, account }: TradingCall): Target | TradingFault {
  const orderId = textOf(root, 'OrderID')
  if (orderId !== undefined) {
    const order = state.orders.get(account.user, orderId)
    if (order === undefined || order.mergedInto !== undefined) return noSuchOrder(orderId)
    if (textOf(root, 'OrderLineItemID') !== undefined)
      state.misdeeds.push(`CompleteSale ${orderId}: the order and a line were named, and the order won`)
    return { order, lines: order.lines }
  }
  const lineId = textOf(root, 'OrderLineItemID') ?? [textOf(root, 'ItemID'), textOf(root, 'TransactionID')].join('-')
  const order = state.orders.byLine(account.user, lineId)
  return order === undefined ? noSuchOrder(lineId) : { order, lines: order.lines.filter((line) => lineIdOf(line) === lineId) }
}

function noSuchOrder(id: string): TradingFault {
  return { code: 20500, short: 'Invalid order ID.', long: 'The order ID is invalid.', parameters: [id] }
}

/** Carrier and number: both or neither. */
function readParcels({ state }: TradingCall, order: Order, shipment: Json): readonly Parcel[] | TradingFault {
  const parcels: Parcel[] = []
  for (const details of children(shipment, 'ShipmentTrackingDetails')) {
    const given: Json = isRecord(details) ? details : {}
    const tracking = textOf(given, 'ShipmentTrackingNumber')
    const carrier = textOf(given, 'ShippingCarrierUsed')
    if (tracking === undefined || !isTrackingNumber(tracking)) return invalidField('ShipmentTrackingNumber', tracking)
    if (carrier === undefined || !isCarrier(carrier)) return invalidField('ShippingCarrierUsed', carrier)
    if (isTakenTracking(state, order, tracking)) return taken(tracking)
    parcels.push({ tracking, carrier })
  }
  return parcels
}

function taken(tracking: string): TradingFault {
  return {
    code: 21919089,
    short: 'Tracking number(s) already exists.',
    long: 'A tracking number of the request exists already, for a different buyer or a different seller.',
    parameters: [tracking],
  }
}

/** Also what is not named goes: an empty Shipment leaves nothing. */
function replace({ order, lines }: Target, parcels: readonly Parcel[], shippedAt: number, shownFrom: number): void {
  const named = new Set(lines.map(lineIdOf))
  const kept = order.packages.map((parcel) => without(parcel, named)).filter(({ contents }) => contents.size > 0)
  const contents = new Map(lines.map((line) => [lineIdOf(line), line.quantity]))
  const added = parcels.map(({ tracking, carrier }): Package => {
    return { id: tracking, tracking, carrier, shippedAt, contents, by: 'CompleteSale', shownFrom }
  })
  order.packages = [...kept, ...added]
  for (const line of lines) line.markedAt = undefined
}

function without(parcel: Package, named: ReadonlySet<string>): Package {
  return { ...parcel, contents: new Map([...parcel.contents].filter(([lineId]) => !named.has(lineId))) }
}

function unship({ state }: TradingCall, target: Target): void {
  state.misdeeds.push(`CompleteSale ${target.order.paidId}: shipped was taken back`)
  replace(target, [], 0, 0)
}
