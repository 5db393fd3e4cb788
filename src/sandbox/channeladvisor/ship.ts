import type { SandboxReply } from '../stand-in.ts'
import type { Call } from './call.ts'
import { dispatch, type Parcel } from './dispatch.ts'
import { DELIVERIES, FULFILLMENT_TYPES, isCancelled, type Line, type Order, openUnits } from './order.ts'
import type { State } from './state.ts'
import { isRecord, isReply, type Json, jsonBody, msOf, NO_CONTENT, noSuchEntity, odataError, originOf } from './wire.ts'

// biome-ignore format: a word list
const KEYS = [
  'ShippedDateUtc', 'TrackingNumber', 'TrackingUrl', 'ReturnTrackingNumber', 'ShippingCarrier', 'ShippingClass', 'DistributionCenterID',
  'SellerFulfillmentID', 'DeliveryStatus', 'FulfillmentType', 'PreventMarketplaceCommunication', 'SerialShippingContainerCode', 'Items',
]
const ITEM_KEYS = ['OrderItemID', 'ProductID', 'Sku', 'Quantity', 'SellerFulfillmentItemID', 'ReferenceSku']

/** POST Orders({ID})/Ship (contract section 10). */
export function shipOrder(call: Call): SandboxReply {
  const order = orderOf(call)
  if (order === undefined) return noSuchEntity()
  const read = jsonBody(call.request)
  if ('refused' in read) return read.refused
  const value = read.body['Value']
  if (!isRecord(value)) return odataError(400, "The parameter 'Value' is missing.")
  const stranger = Object.keys(value).find((key) => !KEYS.includes(key))
  if (stranger !== undefined) return odataError(400, `The property '${stranger}' does not exist on type 'ShipOrderRequest'.`)
  if (isCancelled(order)) return odataError(400, `Order ${order.id} is canceled and cannot be shipped.`)
  const parcel = readParcel(call.state, value, NOTHING)
  if (isReply(parcel)) return parcel
  const contents = readContents(order, value['Items'])
  if (isReply(contents)) return contents
  dispatch(call.state, order, parcel, contents, 'Ship')
  if (call.state.settings.shipStatus === 204) return NO_CONTENT
  return { status: 200, body: { '@odata.context': `${originOf(call.request)}/v1/$metadata#Edm.Boolean`, value: true } }
}

/** The order of the path, as far as the application sees it. */
export function orderOf({ state, id, application, now }: Call): Order | undefined {
  const order = state.orders.byId(id)
  return order === undefined || !application.profiles.has(order.profileId) || order.importedAt > now ? undefined : order
}

/** Before anything is said of a package. */
const NOTHING: Parcel = {
  tracking: null,
  trackingUrl: null,
  carrier: null,
  shippingClass: null,
  center: undefined,
  shippedAt: null,
  sellerId: null,
  delivery: 'Complete',
  type: 'Ship',
  isPrevented: false,
}

/** What is said of a package over what is known of it. Nothing said of the delivery means that it left (the vendor's own trap). */
export function readParcel(state: State, value: Json, known: Parcel): Parcel | SandboxReply {
  const texts = ['TrackingNumber', 'TrackingUrl', 'ShippingCarrier', 'ShippingClass', 'SellerFulfillmentID', 'ShippedDateUtc']
  for (const key of texts) {
    const given = value[key]
    if (given !== undefined && given !== null && typeof given !== 'string')
      return odataError(400, `Cannot convert a primitive value to the expected type 'Edm.String' of '${key}'.`)
  }
  const shipped = value['ShippedDateUtc']
  const shippedAt = typeof shipped === 'string' ? msOf(shipped) : undefined
  if (typeof shipped === 'string' && shippedAt === undefined)
    return odataError(400, `Cannot convert the literal '${shipped}' to the expected type 'Edm.DateTimeOffset'.`)
  const delivery =
    value['DeliveryStatus'] === undefined ? 'Complete' : DELIVERIES.find((each) => each === value['DeliveryStatus'])
  const kind = value['FulfillmentType'] ?? value['Type']
  const type = kind === undefined ? known.type : FULFILLMENT_TYPES.find((each) => each === kind)
  if (delivery === undefined || type === undefined) return odataError(400, 'Requested value of an enumeration was not found.')
  const centerId = value['DistributionCenterID']
  const center = typeof centerId === 'number' ? state.centers.get(centerId) : known.center
  if (centerId !== undefined && center === undefined) return odataError(400, `Invalid DistributionCenterID: ${String(centerId)}.`)
  const prevented = value['PreventMarketplaceCommunication']
  if (prevented !== undefined && typeof prevented !== 'boolean')
    return odataError(400, "'PreventMarketplaceCommunication' must be a boolean.")
  const refusal = carrierRefusal(state, value)
  if (refusal !== undefined) return refusal
  return {
    tracking: textOf(value, 'TrackingNumber', known.tracking),
    trackingUrl: textOf(value, 'TrackingUrl', known.trackingUrl),
    carrier: textOf(value, 'ShippingCarrier', known.carrier),
    shippingClass: textOf(value, 'ShippingClass', known.shippingClass),
    center,
    shippedAt: shippedAt ?? known.shippedAt,
    sellerId: textOf(value, 'SellerFulfillmentID', known.sellerId),
    delivery,
    type,
    isPrevented: prevented === true,
  }
}

function textOf(value: Json, key: string, known: string | null): string | null {
  const given = value[key]
  if (given === null) return null
  return typeof given === 'string' ? given : known
}

/** Both or neither, and as a pair in the account's list. */
function carrierRefusal(state: State, value: Json): SandboxReply | undefined {
  const [carrier, shippingClass] = [value['ShippingCarrier'] ?? undefined, value['ShippingClass'] ?? undefined]
  if (carrier === undefined && shippingClass === undefined) return undefined
  const classes = typeof carrier === 'string' ? state.carriers.get(carrier) : undefined
  if (classes !== undefined && typeof shippingClass === 'string' && classes.includes(shippingClass)) return undefined
  return odataError(400, `Invalid shipping carrier and class: '${String(carrier)}' '${String(shippingClass)}'.`)
}

/** Units by line; undefined: nothing is said, which means everything. */
function readContents(order: Order, items: unknown): ReadonlyMap<Line, number> | undefined | SandboxReply {
  if (items === undefined || items === null) return undefined
  if (!Array.isArray(items)) return odataError(400, "'Items' must be a collection.")
  if (items.length === 0) return undefined
  const contents = new Map<Line, number>()
  for (const each of items as readonly unknown[]) {
    const given: Json = isRecord(each) ? each : {}
    const stranger = Object.keys(given).find((key) => !ITEM_KEYS.includes(key))
    if (stranger !== undefined) return odataError(400, `The property '${stranger}' does not exist on type 'ShipmentItemRequest'.`)
    const lines = order.lines.filter((line) => isMeant(line, given))
    const quantity = given['Quantity'] ?? lines.reduce((units, line) => units + openUnits(order, line), 0)
    if (lines.length === 0) return odataError(400, `No item of order ${order.id} is like ${JSON.stringify(given)}.`)
    if (typeof quantity !== 'number' || !Number.isInteger(quantity) || quantity < 1)
      return odataError(400, `Invalid quantity: ${String(quantity)}.`)
    if (!spread(order, lines, quantity, contents)) return odataError(400, `The quantity is more than order ${order.id} has.`)
  }
  return contents
}

function isMeant(line: Line, given: Json): boolean {
  const { OrderItemID: id, ProductID: productId, Sku: sku } = given
  if (id === undefined && productId === undefined && sku === undefined) return false
  const fits = (wanted: unknown, value: unknown) => wanted === undefined || wanted === value
  return fits(id, line.id) && fits(productId, line.productId) && fits(sku, line.sku)
}

/** A SKU may be in several lines: the open ones first, and again from the first when nothing is open. False: more than was ordered. */
function spread(order: Order, lines: readonly Line[], quantity: number, contents: Map<Line, number>): boolean {
  let left = quantity
  for (const room of [openRoom(order), wholeRoom]) {
    for (const line of lines) {
      const taken = Math.min(left, Math.max(0, room(line) - (contents.get(line) ?? 0)))
      if (taken > 0) contents.set(line, (contents.get(line) ?? 0) + taken)
      left -= taken
    }
  }
  return left === 0
}

function openRoom(order: Order): (line: Line) => number {
  return (line) => openUnits(order, line)
}

function wholeRoom(line: Line): number {
  return line.quantity
}
