import type { SandboxReply, SandboxRequest } from '../stand-in.ts'
import type { Caller } from './access.ts'
import { readConfirmation } from './confirm-body.ts'
import { isPending, type Order, type Package, type PackageItem, statusByQuantities, unfulfilled } from './order.ts'
import { isShown, type OrdersContext } from './orders-2026.ts'
import { invalidInput, isOrderId, notFound, readJsonBody } from './wire.ts'

/** Marketplace of the only COD method (v0 model). */
const JP = 'A1VC38T7YXB528'

export interface ConfirmContext extends OrdersContext {
  readonly carriers: ReadonlySet<string> | 'any'
}

/**
 * POST /orders/v0/orders/{orderId}/shipmentConfirmation (contract section 4). The reference is the
 * idempotency key: a new one adds a package, a known one edits the package it named before.
 */
export function confirmShipment(context: ConfirmContext, caller: Caller, request: SandboxRequest, orderId: string): SandboxReply {
  if (!isOrderId(orderId)) return invalidInput('', 'OrderItemId is invalid')
  const read = readJsonBody(request)
  if ('refused' in read) return read.refused
  const confirmation = readConfirmation(read.body, context.carriers)
  if ('status' in confirmation) return confirmation
  const now = context.clock.now()
  const order = context.store.get(orderId)
  if (order === undefined || !isShown(order, caller, now)) return notFound(`Order ${orderId}`)
  if (confirmation.marketplaceId !== order.marketplaceId)
    return invalidInput('marketplaceId is not the marketplace of the order.')
  if (confirmation.cod && order.marketplaceId !== JP) return invalidInput('codCollectionMethod is only for the JP marketplace.')
  const unfit = refuseOrder(order)
  if (unfit !== undefined) return unfit

  const { parcel } = confirmation
  const known = order.packages.find((each) => each.referenceId === parcel.referenceId)
  if (known === undefined && order.items.every((item) => unfulfilled(item) <= 0)) return nothingToUpdate()
  const tooMuch = refuseQuantities(order, parcel.items, known)
  if (tooMuch !== undefined) return tooMuch

  const calls = (known?.confirmCalls ?? 0) + 1
  if (known !== undefined && isSame(known, parcel)) {
    known.confirmCalls = calls
    return { status: 204 }
  }
  apply(order, known, { ...parcel, createdAt: known?.createdAt ?? now, confirmCalls: calls })
  context.store.touch(order, now)
  return { status: 204 }
}

function refuseOrder(order: Order): SandboxReply | undefined {
  if (order.fulfilledBy !== 'MERCHANT') return invalidInput('The order is not fulfilled by the merchant.')
  if (order.programs.includes('FBM_SHIP_PLUS')) return invalidInput('Orders of FBM_SHIP_PLUS cannot be confirmed.')
  if (order.status === 'CANCELLED') return invalidInput('The order is cancelled.')
  if (isPending(order) || order.status === 'UNFULFILLABLE')
    return invalidInput('The order cannot be shipped in its present status.')
  return undefined
}

/** The vendor's words when another tool was faster (contract section 4). */
function nothingToUpdate(): SandboxReply {
  return invalidInput(
    '',
    'Failed to create package due to not finding a matching package or order already fulfilled. ErrorMessage(errorCode=GeneralError, ' +
      'errorDescription=Unable to find package to update for order (), errorMetric=PackageToUpdateNotFound, packageIndex=null)',
  )
}

/** An edit may use the units that its own package holds already. */
function refuseQuantities(order: Order, items: readonly PackageItem[], known: Package | undefined): SandboxReply | undefined {
  for (const { itemId, quantity } of items) {
    const item = order.items.find((each) => each.id === itemId)
    if (item === undefined) return invalidInput('', 'OrderItemId is invalid')
    const held = known?.items.find((each) => each.itemId === itemId)?.quantity ?? 0
    if (quantity > unfulfilled(item) + held)
      return invalidInput(`The quantity of order item ${itemId} is greater than what is left to ship.`)
  }
  return undefined
}

/** Puts a package on the order in place of `known`, and sets the status that follows. */
export function apply(order: Order, known: Package | undefined, parcel: Package): void {
  for (const { itemId, quantity } of known?.items ?? []) ship(order, itemId, -quantity)
  for (const { itemId, quantity } of parcel.items) ship(order, itemId, quantity)
  order.packages =
    known === undefined ? [...order.packages, parcel] : order.packages.map((each) => (each === known ? parcel : each))
  order.status = statusByQuantities(order)
}

function ship(order: Order, itemId: string, quantity: number): void {
  const item = order.items.find((each) => each.id === itemId)
  if (item !== undefined) item.shipped += quantity
}

function isSame(known: Package, parcel: Omit<Package, 'createdAt' | 'confirmCalls'>): boolean {
  const { createdAt: _createdAt, confirmCalls: _confirmCalls, ...before } = known
  const keys = Object.keys(before) as (keyof typeof before)[]
  return keys.every((key) => JSON.stringify(before[key]) === JSON.stringify(parcel[key]))
}
