import { type Line, type Order, type Package, shippedUnits, unitsLeft } from './order.ts'
import type { Settings } from './settings.ts'
import { iso, type Json } from './wire.ts'

/** An attribute of no model; whoever reads answers strictly trips over it (contract section 6). */
const STRANGER: Json = { dscoAddedLater: { note: 'new attributes may appear at any time' } }

export function stranger({ strangers }: Settings): Json {
  return strangers ? STRANGER : {}
}

/** The Order of the model, as it is now. */
export function orderDocument(order: Order, settings: Settings): Json {
  const { base, lines, packages } = order
  return {
    ...base,
    ...stranger(settings),
    dscoOrderId: order.id,
    poNumber: order.poNumber,
    dscoStatus: order.status,
    dscoLifecycle: order.lifecycle,
    dscoCreateDate: iso(order.createdAt),
    dscoLastUpdate: iso(order.updatedAt),
    ...(order.test ? { testFlag: true } : {}),
    ...(order.type === undefined ? {} : { orderType: order.type }),
    ...(order.supplierOrderNumber === undefined ? {} : { supplierOrderNumber: order.supplierOrderNumber }),
    ...cancelRequest(order.cancelRequested),
    shipping: order.shipping,
    numberOfLineItems: lines.length,
    lineItems: lines.map((line) => lineDocument(order, line, settings)),
    ...(packages.length === 0 ? {} : { packages: packages.map(packageDocument) }),
  }
}

function cancelRequest(code: string | null | undefined): Json {
  if (code === undefined) return {}
  return { cancelRequested: true, ...(code === null ? {} : { cancelRequestedCode: code }) }
}

export function lineDocument(order: Order, line: Line, settings: Settings): Json {
  const gone = line.cancelled + line.rejected
  const ownStatus = line.rejected > line.cancelled ? 'rejected' : 'cancelled'
  return {
    ...line.base,
    ...stranger(settings),
    quantity: line.quantity,
    ...(line.number === undefined ? {} : { lineNumber: line.number }),
    ...(line.cancelled === 0 ? {} : { cancelledQuantity: line.cancelled }),
    ...(line.rejected === 0 ? {} : { rejectedQuantity: line.rejected }),
    ...(gone >= line.quantity ? { status: ownStatus } : {}),
    ...cancelRequest(line.cancelRequested),
    ...(order.orderStream
      ? {
          dscoLifecycle: order.lifecycle,
          remainingQuantity: unitsLeft(order, line),
          shippedQuantity: shippedUnits(order, line),
        }
      : {}),
  }
}

function packageDocument({ base, tracking, contents }: Package): Json {
  return {
    ...base,
    trackingNumber: tracking,
    numberOfLineItems: contents.length,
    items: contents.map(({ line, quantity, spans }) => ({
      quantity,
      ...namesOf(line),
      originalOrderQuantity: line.quantity,
      ...(spans ? { packageSpanFlag: true } : {}),
    })),
  }
}

function namesOf({ base, number }: Line): Json {
  const names = ['sku', 'dscoItemId', 'partnerSku', 'upc', 'ean'].filter((key) => base[key] !== undefined && base[key] !== null)
  return {
    ...Object.fromEntries(names.map((key) => [key, base[key]])),
    ...(number === undefined ? {} : { lineNumber: number, originalLineNumber: number }),
  }
}
