import type { NormalizedOrder, OrderFlag, OrderLine, OrderStatus, PoisonOrder } from '../../../core/model/order.ts'
import { shipToOf } from './address.ts'
import { isCut } from './cut.ts'
import { type ChannelAdvisorSettings, isExcluded } from './settings.ts'
import { lineMoney, totalsOf } from './totals.ts'
import { type IsExternal, isDisputed, type Units, unitsOf } from './units.ts'
import { given, issuesOf, joined, parseTime, poisonOf, requiredTime } from './values.ts'
import { orderIdOf, type WireItem, type WireOrder, wireOrder, wireOrderHead } from './wire.ts'

export type Reading =
  | { readonly kind: 'order'; readonly order: NormalizedOrder }
  | { readonly kind: 'poison'; readonly poison: PoisonOrder }
  /** The marketplace or a third party ships it, or its site is left out. */
  | { readonly kind: 'skipped' }

type Settings = Pick<ChannelAdvisorSettings, 'channel' | 'excludeSites'>

const NOTES_LENGTH = 1000

/** One order by section 9 of the contract. Never throws: what cannot be read is poison. */
export function readOrder(settings: Settings, raw: unknown, isExternal: IsExternal): Reading {
  const head = wireOrderHead.safeParse(raw).data
  // Before anything else: an order that is not ours is nobody's trouble, however strange it is.
  if (head !== undefined && isExcluded(settings, { id: head.SiteID ?? undefined, name: head.SiteName }))
    return { kind: 'skipped' }
  const poison = (reason: string): Reading => ({
    kind: 'poison',
    poison: poisonOf(settings.channel, orderIdOf(raw), reason, raw),
  })
  if (isCut(raw)) return poison('only a part of its items or fulfillments was told')
  const parsed = wireOrder.safeParse(raw)
  if (!parsed.success) return poison(issuesOf(parsed.error))
  const wire = parsed.data
  if (wire.DistributionCenterTypeRollup === 'ExternallyManaged' || wire.ShippingStatus === 'ThirdPartyManaged')
    return { kind: 'skipped' }
  try {
    return compose(settings.channel, wire, raw, isExternal)
  } catch (error) {
    if (error instanceof RangeError) return poison(error.message)
    throw error
  }
}

interface State {
  readonly status: OrderStatus
  readonly flags: readonly OrderFlag[]
}

const CHECKED_OUT: ReadonlySet<string> = new Set(['Completed', 'CompletedAndVisited', 'CompletedOffline'])
const CHECKING_OUT: ReadonlySet<string> = new Set(['NotVisited', 'Visited'])
const PAYING: ReadonlySet<string> = new Set(['NotYetSubmitted', 'Submitted', 'Deposited'])
const held: State = { status: 'on_hold', flags: ['incident'] }

/** By the three statuses alone. What the table does not know is held: a person decides. */
function stateOf(wire: WireOrder): State {
  const shipping = wire.ShippingStatus
  if (shipping === 'Canceled') return { status: 'cancelled', flags: [] }
  if (shipping === 'Shipped') return { status: 'shipped', flags: [] }
  if (isDisputed(wire)) return { status: 'on_hold', flags: ['cancel_requested'] }
  if (CHECKING_OUT.has(wire.CheckoutStatus) || PAYING.has(wire.PaymentStatus)) return { status: 'pending', flags: [] }
  if (!CHECKED_OUT.has(wire.CheckoutStatus) || wire.PaymentStatus !== 'Cleared') return held
  // PendingShipment: somebody has taken it already, a fulfillment partner or another program.
  if (shipping !== 'Unshipped' && shipping !== 'PartiallyShipped') return held
  // Personal data is taken out of old orders: nothing can be shipped by what is left.
  return wire.UserDataPresent === false ? held : { status: 'open', flags: [] }
}

function compose(channel: string, wire: WireOrder, raw: unknown, isExternal: IsExternal): Reading {
  const { Currency: currency } = wire
  if (currency === undefined) throw new RangeError('Currency: absent')
  if (wire.Items.length === 0) throw new RangeError('Items: empty')
  const books = wire.Items.map((item) => ({ item, units: unitsOf(item, wire, isExternal) }))
  const told = stateOf(wire)
  const { status, flags } = told.status === 'open' ? openState(wire, books) : told
  // Of a mixed order only what lies with the seller is ours, whatever has become of it.
  const ours = books.filter(({ units }) => units === undefined || units.qty > 0 || units.external === 0)
  if (ours.length === 0) return { kind: 'skipped' }
  const mayShip = status === 'open' || status === 'partially_shipped'
  const createdAt = requiredTime(wire.CreatedDateUtc, 'CreatedDateUtc')
  const name = joined([wire.ShippingFirstName, wire.ShippingLastName], ' ')
  const phone = wire.ShippingDaytimePhone ?? wire.ShippingEveningPhone
  const order: NormalizedOrder = {
    channel,
    externalOrderId: wire.ID,
    ...given('sellerOrderId', wire.SellerOrderID),
    ...given('soldOn', soldOnOf(wire)),
    status,
    fulfilledBy: 'seller',
    createdAt,
    updatedAt: parseTime(wire.UpdatedDateUtc) ?? parseTime(wire.ImportDateUtc) ?? createdAt,
    ...given('shipBy', parseTime(wire.EstimatedShipDateUtc)),
    ...given('deliverBy', parseTime(wire.DeliverByDateUtc)),
    buyer: { ...given('name', name), ...given('email', wire.BuyerEmailAddress), ...given('phone', phone) },
    shipTo: shipToOf(wire, mayShip && !flags.includes('no_label')),
    lines: ours.map(({ item, units }) => lineOf(item, units, status, currency, `Items.${wire.Items.indexOf(item)}`)),
    currency,
    totals: totalsOf(wire, currency),
    ...given('shippingMethodRequested', joined([wire.RequestedShippingCarrier, wire.RequestedShippingClass], ' ')),
    gift: giftOf(wire),
    ...given('notes', wire.PublicNotes?.slice(0, NOTES_LENGTH)),
    // The seller's private notes must not be printed, and what goes along as notes may be.
    ...given('specialInstructions', joined([wire.SpecialInstructions, wire.PrivateNotes], '\n')?.slice(0, NOTES_LENGTH)),
    flags,
    raw,
  }
  return { kind: 'order', order }
}

/**
 * By the marketplace's number one order is known that comes over two channels. Some sites have the account's own number in its place, and
 * theirs in the second one. The name may be absent, the number of the site is not.
 */
function soldOnOf({ ID, SiteID, SiteName, SiteOrderID, SecondarySiteOrderID }: WireOrder): NormalizedOrder['soldOn'] {
  const orderId = SiteOrderID === undefined || SiteOrderID === ID ? SecondarySiteOrderID : SiteOrderID
  const site = SiteName ?? (typeof SiteID === 'number' ? `site ${SiteID}` : undefined)
  return orderId === undefined || site === undefined ? undefined : { site, orderId }
}

interface Book {
  readonly item: WireItem
  readonly units: Units | undefined
}

/** An order that may ship by its statuses: what its units say. */
function openState(wire: WireOrder, books: readonly Book[]): State {
  const known = books.flatMap(({ units }) => units ?? [])
  const flags = flagsOf(wire)
  if (known.length < books.length || flags === undefined) return held
  const left = known.some(({ qtyLeft }) => qtyLeft > 0)
  const gone = known.some(({ qtyShipped }) => qtyShipped > 0)
  // The order says that a part has left, and no fulfillment says which: it would be shipped a second time.
  if (wire.ShippingStatus === 'PartiallyShipped' && !gone && known.every(({ external }) => external === 0)) return held
  if (!left) return { status: gone ? 'shipped' : 'cancelled', flags: [] }
  return { status: gone ? 'partially_shipped' : 'open', flags }
}

/**
 * By the fulfillments that are still open: collected by the buyer or brought by a courier, or sent to a shop. Undefined where only a part
 * of the order takes another way than a parcel.
 */
function flagsOf({ Fulfillments }: WireOrder): readonly OrderFlag[] | undefined {
  const open = Fulfillments.filter(({ DeliveryStatus }) => (DeliveryStatus ?? 'NoChange') === 'NoChange')
  const kinds = new Set(open.map(({ Type }) => (Type === 'Courier' ? 'Pickup' : (Type ?? 'Ship'))))
  if (kinds.size > 1) return undefined
  if (kinds.has('Pickup')) return ['pickup_point', 'no_label']
  return kinds.has('ShipToStore') ? ['pickup_point'] : []
}

function lineOf(item: WireItem, units: Units | undefined, status: OrderStatus, currency: string, where: string): OrderLine {
  if (item.Sku === undefined) throw new RangeError(`${where}.Sku: absent`)
  const qty = status === 'cancelled' ? 0 : (units?.qty ?? item.Quantity)
  const isOpen = status === 'open' || status === 'partially_shipped'
  const qtyShipped = status === 'shipped' ? qty : Math.min(qty, units?.qtyShipped ?? 0)
  return {
    externalLineId: item.ID,
    sku: item.Sku,
    name: item.Title ?? item.Sku,
    qty,
    qtyToShip: isOpen ? (units?.qtyLeft ?? 0) : 0,
    ...(qtyShipped > 0 ? { qtyShipped } : {}),
    ...lineMoney(item, currency, where),
  }
}

function giftOf({ Items }: WireOrder): NormalizedOrder['gift'] {
  const texts = [...new Set(Items.flatMap(({ GiftMessage }) => GiftMessage ?? []))]
  const isGift = texts.length > 0 || Items.some(({ GiftNotes }) => GiftNotes !== undefined)
  return { isGift, ...given('message', texts.length === 0 ? undefined : texts.join('\n')) }
}
