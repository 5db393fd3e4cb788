import { PermanentError, RetryableError } from '../../core/errors.ts'
import type { Confirmation } from '../../core/model/shipment.ts'
import type { ItemOutcome, LookUp } from '../../core/ports/marketplace.ts'
import { ebayCarrier, plainCarrier, plainTracking, trackingKey } from './carriers.ts'
import type { EbayClient, TradingCall } from './client.ts'
import type { OrderSource } from './order-source.ts'
import { oneByOne } from './outcomes.ts'
import { type Parcel, recallTold, type Told, together } from './told.ts'
import type { Fields } from './transport.ts'
import { parseTime } from './values.ts'
import { type WireShippedOrder, wireShippedOrder } from './wire.ts'

/** What eBay holds of one line, or of a whole order. */
interface Held {
  readonly lineId: string
  readonly qty: number
  readonly parcels: readonly Parcel[]
  readonly isShipped: boolean
}

/** One call: what it is about, and everything that is to stand there afterwards. */
interface Telling {
  readonly target: { readonly OrderID: string } | { readonly OrderLineItemID: string }
  readonly lineIds: readonly string[]
  readonly parcels: readonly Parcel[]
  readonly isFirst: boolean
}

/**
 * Packages by CompleteSale (contract section 4.1). The call replaces what is there, so eBay's packages are read first and sent
 * along with those told lately, and all new ones of a line go in one call. A package that is there already is accepted; so a repeat does
 * no harm.
 */
export async function confirmByCompleteSale(
  client: EbayClient,
  source: OrderSource,
  batch: readonly Confirmation[],
  signal: AbortSignal,
): Promise<readonly ItemOutcome[]> {
  const orders = await readShipped(source, batch, signal)
  const outcomes = new Map<Confirmation, ItemOutcome>()
  const byOrder = new Map<string, Confirmation[]>()
  for (const one of batch) byOrder.set(one.externalOrderId, [...(byOrder.get(one.externalOrderId) ?? []), one])
  const groups = await oneByOne(
    [...byOrder.values()],
    async (packages) => tellOrder(client, orders, packages, signal),
    (packages, error): ReadonlyMap<Confirmation, ItemOutcome> =>
      new Map(packages.map((one) => [one, { status: 'failed', error }])),
  )
  for (const group of groups) for (const [one, outcome] of group) outcomes.set(one, outcome)
  return batch.map((one) => outcomes.get(one) ?? refused(client, 'eBay gave no outcome'))
}

/** Whether eBay holds each package on each of its lines. */
export async function lookUpInTrading(
  source: OrderSource,
  batch: readonly Confirmation[],
  signal: AbortSignal,
): Promise<readonly LookUp[]> {
  const orders = await readShipped(source, batch, signal)
  return batch.map((one) => {
    const order = orders.get(one.externalOrderId)
    if (order === undefined) return 'unknowable'
    const held = heldBy(order)
    return one.lines.every(({ externalLineId }) => hasNumber(held.get(externalLineId), one.trackingNumber))
      ? 'confirmed'
      : 'absent'
  })
}

async function readShipped(
  source: OrderSource,
  batch: readonly Confirmation[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, WireShippedOrder>> {
  const raws = await source.byId([...new Set(batch.map(({ externalOrderId }) => externalOrderId))], signal)
  const read = raws.flatMap((raw) => wireShippedOrder.safeParse(raw).data ?? [])
  return new Map(read.map((order) => [order.OrderID, order]))
}

async function tellOrder(
  client: EbayClient,
  orders: ReadonlyMap<string, WireShippedOrder>,
  packages: readonly Confirmation[],
  signal: AbortSignal,
): Promise<ReadonlyMap<Confirmation, ItemOutcome>> {
  const outcomes = new Map<Confirmation, ItemOutcome>()
  const [first] = packages
  const order = orders.get(first?.externalOrderId ?? '')
  if (first === undefined || order === undefined)
    return new Map(packages.map((one) => [one, refused(client, 'eBay does not show this order to this account')]))
  const told = await recallTold(client.gate, order.OrderID)
  const held = heldBy(order, told)
  const fresh: Confirmation[] = []
  for (const one of packages) {
    const lack = whatIsMissing(one, held)
    if (lack !== undefined) outcomes.set(one, refused(client, lack))
    else if (one.lines.every(({ externalLineId }) => hasNumber(held.get(externalLineId), one.trackingNumber)))
      outcomes.set(one, { status: 'accepted', note: 'already confirmed' })
    else fresh.push(one)
  }
  const failures = new Map<string, ItemOutcome>()
  const tellings = tellingsFor(client, order.OrderID, held, fresh)
  await oneByOne(
    tellings,
    async (telling) => {
      await tell(client, order.OrderID, telling, fresh, signal)
      await told.add(telling.lineIds, telling.parcels)
    },
    ({ lineIds }, error) => {
      for (const id of lineIds) failures.set(id, { status: 'failed', error })
    },
  )
  for (const one of fresh) {
    const failure = one.lines.map(({ externalLineId }) => failures.get(externalLineId)).find((outcome) => outcome !== undefined)
    outcomes.set(one, failure ?? acceptedFor(one, held))
  }
  return outcomes
}

/** The whole order in one call where every line is to have the same packages, else one call per line that gets one. */
function tellingsFor(
  client: EbayClient,
  orderId: string,
  held: ReadonlyMap<string, Held>,
  fresh: readonly Confirmation[],
): readonly Telling[] {
  const wanted = [...held.values()].map((line) => {
    const parcels = [...line.parcels]
    for (const one of fresh) {
      if (!one.lines.some(({ externalLineId }) => externalLineId === line.lineId)) continue
      if (parcels.some(({ number }) => trackingKey(number) === trackingKey(one.trackingNumber))) continue
      parcels.push({ carrier: ebayCarrier(one.carrier, client.settings.carriers), number: plainTracking(one.trackingNumber) })
    }
    return { line, parcels, isNew: parcels.length > line.parcels.length }
  })
  const news = wanted.filter(({ isNew }) => isNew)
  const [first] = news
  if (first === undefined) return []
  const keyOf = (parcels: readonly Parcel[]) =>
    parcels
      .map(({ number }) => trackingKey(number))
      .sort()
      .join(' ')
  const isFirst = wanted.every(({ line }) => !line.isShipped)
  if (news.length === wanted.length && news.every(({ parcels }) => keyOf(parcels) === keyOf(first.parcels)))
    return [{ target: { OrderID: orderId }, lineIds: wanted.map(({ line }) => line.lineId), parcels: first.parcels, isFirst }]
  // Never both ids: the order's would win.
  return news.map(({ line, parcels }) => ({
    target: { OrderLineItemID: line.lineId },
    lineIds: [line.lineId],
    parcels,
    isFirst: !line.isShipped,
  }))
}

async function tell(
  client: EbayClient,
  orderId: string,
  { target, lineIds, parcels, isFirst }: Telling,
  fresh: readonly Confirmation[],
  signal: AbortSignal,
): Promise<void> {
  const { gate } = client
  const own = fresh.filter(({ lines }) => lines.some(({ externalLineId }) => lineIds.includes(externalLineId)))
  const messageId = `isync-${orderId}-${own[0]?.reference ?? 0}`
  // No parcel has left in the future; a later package leaves the first one's date as it is.
  const shippedAt = new Date(Math.min(gate.clock.now(), ...own.map((one) => one.shippedAt))).toISOString()
  const Shipment: Fields = {
    ShipmentTrackingDetails: parcels.map(({ carrier, number }) => ({
      ShippingCarrierUsed: carrier,
      ShipmentTrackingNumber: number,
    })),
    ...(isFirst ? { ShippedTime: shippedAt } : {}),
  }
  const what = parcels.map(({ carrier, number }) => `${carrier} ${number}`).join(', ')
  const call: TradingCall = {
    api: 'trading',
    call: 'CompleteSale',
    fields: { MessageID: messageId, ...target, Shipped: 'true', Shipment },
    purse: 'orders',
    plan: [{ account: gate.account, operation: 'CompleteSale', target: orderId, detail: `${what} for ${lineIds.join(', ')}` }],
  }
  const { body } = await client.trading(call, signal)
  const told = body['CorrelationID']
  if (told === undefined || told === messageId) return
  const facts = { account: gate.account, operation: 'CompleteSale', outcomeUnknown: true }
  throw new RetryableError('the answer belongs to another message', facts)
}

function heldBy(order: WireShippedOrder, told?: Told): ReadonlyMap<string, Held> {
  const lines = order.TransactionArray?.Transaction ?? []
  return new Map(
    lines.map((line) => {
      const lineId = line.OrderLineItemID ?? `${line.Item.ItemID}-${line.TransactionID ?? '0'}`
      const shown = (line.ShippingDetails?.ShipmentTrackingDetails ?? []).flatMap(
        ({ ShipmentTrackingNumber: number, ShippingCarrierUsed: carrier }) =>
          plainTracking(number ?? '') === '' ? [] : [{ number: plainTracking(number ?? ''), carrier: plainCarrier(carrier) }],
      )
      const parcels = together(shown, told?.of(lineId) ?? [])
      const isShipped = parseTime(line.ShippedTime) !== undefined || parcels.length > shown.length
      return [lineId, { lineId, qty: Number(line.QuantityPurchased), parcels, isShipped }]
    }),
  )
}

function hasNumber(held: Held | undefined, trackingNumber: string): boolean {
  return held?.parcels.some(({ number }) => trackingKey(number) === trackingKey(trackingNumber)) === true
}

function whatIsMissing(one: Confirmation, held: ReadonlyMap<string, Held>): string | undefined {
  if (plainTracking(one.trackingNumber) === '') return 'not sent: eBay takes only letters and digits as a tracking number'
  if (one.lines.length === 0) return 'not sent: the package names no line of the order'
  const stranger = one.lines.find(({ externalLineId }) => !held.has(externalLineId))
  return stranger === undefined ? undefined : `not sent: eBay's order has no line ${stranger.externalLineId}`
}

function acceptedFor(one: Confirmation, held: ReadonlyMap<string, Held>): ItemOutcome {
  const isPart = one.lines.some(({ externalLineId, quantity }) => quantity < (held.get(externalLineId)?.qty ?? 0))
  return { status: 'accepted', ...(isPart ? { note: 'eBay counts the whole line as shipped' } : {}) }
}

function refused(client: EbayClient, what: string): ItemOutcome {
  return { status: 'failed', error: new PermanentError(what, { account: client.gate.account, operation: 'CompleteSale' }) }
}
