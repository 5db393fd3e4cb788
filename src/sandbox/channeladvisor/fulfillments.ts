import type { SandboxReply } from '../stand-in.ts'
import type { Call } from './call.ts'
import { hand, type Parcel } from './dispatch.ts'
import { answerEntity, answerList } from './odata-answer.ts'
import { isCancelled } from './order.ts'
import { ENTRIES, entriesOf, FULFILLMENTS, fulfillmentsOf, type OwnedFulfillment } from './order-kinds.ts'
import { orderOf, readParcel } from './ship.ts'
import { isReply, jsonBody, NO_CONTENT, noSuchEntity, odataError } from './wire.ts'

// biome-ignore format: a word list
const KEYS = [
  'ID', 'ProfileID', 'OrderID', 'Type', 'DeliveryStatus', 'TrackingNumber', 'TrackingUrl', 'ShippingCarrier', 'ShippingClass',
  'DistributionCenterID', 'ShippedDateUtc', 'SellerFulfillmentID', 'PreventMarketplaceCommunication',
]

/** GET Orders({ID})/Fulfillments */
export function listOrderFulfillments(call: Call): SandboxReply {
  const order = orderOf(call)
  if (order === undefined) return noSuchEntity()
  return answerList(call, { kind: FULFILLMENTS, entities: fulfillmentsOf(order), pageSize: call.state.settings.pageSize })
}

/** GET Fulfillments */
export function listFulfillments(call: Call): SandboxReply {
  const { state, application, now } = call
  const entities = state.orders.visible(application.profiles, now).flatMap(fulfillmentsOf)
  return answerList(call, { kind: FULFILLMENTS, entities, pageSize: state.settings.pageSize })
}

/** GET Fulfillments({ID}) */
export function getFulfillment(call: Call): SandboxReply {
  const owned = fulfillmentOf(call)
  return owned === undefined ? noSuchEntity() : answerEntity(call, FULFILLMENTS, owned)
}

/** GET Fulfillments({ID})/Items */
export function listEntries(call: Call): SandboxReply {
  const owned = fulfillmentOf(call)
  if (owned === undefined) return noSuchEntity()
  return answerList(call, { kind: ENTRIES, entities: entriesOf(owned), pageSize: call.state.settings.pageSize })
}

/**
 * PATCH and PUT Fulfillments({ID}): what is not named stays, but for DeliveryStatus: left out, the fulfillment is shipped. `NoChange`
 * leaves it as it is.
 */
export function changeFulfillment(call: Call): SandboxReply {
  const owned = fulfillmentOf(call)
  if (owned === undefined) return noSuchEntity()
  const read = jsonBody(call.request)
  if ('refused' in read) return read.refused
  const stranger = Object.keys(read.body).find((key) => !KEYS.includes(key))
  if (stranger !== undefined) return odataError(400, `The property '${stranger}' does not exist on type 'Fulfillment'.`)
  const { order, fulfillment } = owned
  if (isCancelled(order)) return odataError(400, `Order ${order.id} is canceled.`)
  const parcel = readParcel(call.state, read.body, knownOf(owned))
  if (isReply(parcel)) return parcel
  const delivery = parcel.delivery === 'NoChange' ? fulfillment.delivery : parcel.delivery
  hand(call.state, order, fulfillment, { ...parcel, delivery }, 'PATCH')
  call.state.orders.touch(order, call.now)
  return NO_CONTENT
}

function knownOf({ fulfillment }: OwnedFulfillment): Parcel {
  const { tracking, trackingUrl, carrier, shippingClass, center, shippedAt, sellerId, delivery, type } = fulfillment
  return { tracking, trackingUrl, carrier, shippingClass, center, shippedAt, sellerId, delivery, type, isPrevented: false }
}

function fulfillmentOf({ state, id, application, now }: Call): OwnedFulfillment | undefined {
  const owned = state.orders.fulfillment(id)
  const isSeen = owned !== undefined && application.profiles.has(owned.order.profileId) && owned.order.importedAt <= now
  return isSeen ? owned : undefined
}
