import type { SandboxReply } from '../stand-in.ts'
import type { Call } from './call.ts'
import { type Center, isExternal } from './center.ts'
import { pendingOf } from './pending.ts'
import { type Product, setStock, UPDATE_TYPES, type UpdateType } from './product.ts'
import { isRecord, isReply, type Json, jsonBody, NO_CONTENT, noSuchEntity, odataError } from './wire.ts'

const KEYS = ['UpdateType', 'Updates', 'CompleteDCList']
const INT32 = 2_147_483_647

interface Update {
  readonly center: Center
  readonly quantity: number
}

/** POST Products({ID})/UpdateQuantity (contract section 10): all of its distribution centers, or none. */
export function updateQuantity(call: Call): SandboxReply {
  const product = productOf(call)
  if (product === undefined) return noSuchEntity()
  const read = jsonBody(call.request)
  if ('refused' in read) return read.refused
  const value = read.body['Value']
  if (!isRecord(value)) return odataError(400, "The parameter 'Value' is missing.")
  const stranger = Object.keys(value).find((key) => !KEYS.includes(key))
  if (stranger !== undefined) return odataError(400, `The property '${stranger}' does not exist on type 'QuantityUpdateRequest'.`)
  const type = UPDATE_TYPES.find((each) => each === value['UpdateType'])
  if (type === undefined) return odataError(400, `'${String(value['UpdateType'])}' is not a valid QuantityUpdateType.`)
  const updates = readUpdates(call, value, type)
  if (isReply(updates)) return updates
  if (product.refusal !== undefined && product.refusal.left > 0) {
    product.refusal.left -= 1
    return odataError(product.refusal.status, product.refusal.message)
  }
  for (const update of updates) apply(call, product, type, update)
  if (value['CompleteDCList'] === true) emptyOthers(call, product, updates)
  if (type === 'Relative') call.state.misdeeds.push(`product ${product.sku}: a relative quantity is not repeatable`)
  return NO_CONTENT
}

/** The product of the path, as far as the application sees it. */
export function productOf({ state, id, application }: Call): Product | undefined {
  const product = state.products.byId(id)
  return product === undefined || product.isDeleted || !application.profiles.has(product.profileId) ? undefined : product
}

function readUpdates(call: Call, value: Json, type: UpdateType): readonly Update[] | SandboxReply {
  const list = value['Updates']
  if (!Array.isArray(list) || list.length === 0) return odataError(400, 'At least one update is required.')
  const complete = value['CompleteDCList']
  if (complete !== undefined && typeof complete !== 'boolean') return odataError(400, "'CompleteDCList' must be a boolean.")
  const updates: Update[] = []
  for (const each of list as readonly unknown[]) {
    const { DistributionCenterID: id, Quantity: quantity }: Json = isRecord(each) ? each : {}
    const center = typeof id === 'number' ? call.state.centers.get(id) : undefined
    if (center === undefined || center.isDeleted) return odataError(400, `Invalid DistributionCenterID: ${String(id)}.`)
    if (isExternal(center))
      return odataError(400, `Distribution center ${center.id} is externally managed: its quantity cannot be updated.`)
    if (typeof quantity !== 'number' || !Number.isInteger(quantity) || Math.abs(quantity) > INT32)
      return odataError(400, `Cannot convert the quantity '${String(quantity)}' to the type 'Edm.Int32'.`)
    if (quantity < 0 && type !== 'Relative') return odataError(400, 'Quantity must be zero or more.')
    if (updates.some((other) => other.center === center))
      return odataError(400, `Distribution center ${center.id} is named twice.`)
    updates.push({ center, quantity })
  }
  return updates
}

function apply(call: Call, product: Product, type: UpdateType, { center, quantity }: Update): void {
  const left = Math.max(0, quantityLeft(call, product, type, center, quantity))
  setStock(product, center, left, call.now, type)
  product.told.push({ at: call.now, by: type, app: call.application.appId, centerId: center.id, quantity, left })
}

/** Each type takes off what the number it is given still includes (contract section 10). */
function quantityLeft(call: Call, product: Product, type: UpdateType, center: Center, quantity: number): number {
  if (type === 'Absolute') return quantity
  if (type === 'Relative') return (product.stock.get(center) ?? 0) + quantity
  const open = quantity - product.allocated
  if (type === 'Available') return open
  const { checkout, payment, shipment } = pendingOf(call.state, product, center)
  return type === 'InStock' ? open - checkout - payment : open - checkout - payment - shipment
}

/** Centers that a complete list does not name have nothing. */
function emptyOthers(call: Call, product: Product, updates: readonly Update[]): void {
  const named = updates.map(({ center }) => center)
  for (const center of product.stock.keys()) {
    if (!named.includes(center) && !isExternal(center)) setStock(product, center, 0, call.now, 'Absolute')
  }
}
