import type { SandboxReply, SandboxRequest } from '../stand-in.ts'
import type { Call } from './call.ts'
import { carrierList } from './carriers.ts'
import { listOffers } from './offer-list.ts'
import { importOffers, writeOffers } from './offer-traps.ts'
import { createExport, readExport, showExport } from './order-export.ts'
import { listOrders } from './order-list.ts'
import { acceptOrder, shipOrder, trackOrder } from './order-writes.ts'
import { showPlatform } from './platform.ts'
import { createShipments } from './shipment-create.ts'
import { itemsToShip, listShipments, shipShipments, trackShipments } from './shipments.ts'
import { showAccount } from './shop.ts'
import { createImport } from './stock-import.ts'
import { showErrorReport, showImport } from './stock-status.ts'

/** An operation by the vendor's own code. */
export interface Operation {
  readonly code: string
  readonly method: string
  readonly path: RegExp
  readonly run: (call: Call) => SandboxReply
  /** Needs multi-shipment; 404 where the marketplace has it off (section 5). */
  readonly multiShipment?: true
  /** 404 for a shop that the key does not see (section 1); reads find nothing instead, orders are simply not found. */
  readonly write?: true
}

const OPERATIONS: readonly Operation[] = [
  { code: 'V01', method: 'GET', path: /^\/api\/version$/, run: () => ({ status: 200, body: { version: '3.1000' } }) },
  { code: 'A01', method: 'GET', path: /^\/api\/account$/, run: showAccount },
  { code: 'OR11', method: 'GET', path: /^\/api\/orders$/, run: listOrders },
  { code: 'OR13', method: 'POST', path: /^\/api\/orders\/async-export$/, run: createExport, write: true },
  { code: 'OR14', method: 'GET', path: /^\/api\/orders\/async-export\/status\/([^/]+)$/, run: showExport },
  { code: 'OR15', method: 'GET', path: /^\/api\/orders\/async-export\/file\/([^/]+)$/, run: readExport },
  { code: 'OR21', method: 'PUT', path: /^\/api\/orders\/([^/]+)\/accept$/, run: acceptOrder },
  { code: 'OR23', method: 'PUT', path: /^\/api\/orders\/([^/]+)\/tracking$/, run: trackOrder },
  { code: 'OR24', method: 'PUT', path: /^\/api\/orders\/([^/]+)\/ship$/, run: shipOrder },
  { code: 'PC01', method: 'GET', path: /^\/api\/platform\/configuration$/, run: showPlatform },
  { code: 'SH21', method: 'GET', path: /^\/api\/shipping\/carriers$/, run: listCarriers },
  { code: 'ST01', method: 'POST', path: /^\/api\/shipments$/, run: createShipments, multiShipment: true, write: true },
  { code: 'ST11', method: 'GET', path: /^\/api\/shipments$/, run: listShipments, multiShipment: true },
  { code: 'ST12', method: 'GET', path: /^\/api\/shipments\/items_to_ship$/, run: itemsToShip, multiShipment: true },
  { code: 'ST23', method: 'POST', path: /^\/api\/shipments\/tracking$/, run: trackShipments, multiShipment: true, write: true },
  { code: 'ST24', method: 'PUT', path: /^\/api\/shipments\/ship$/, run: shipShipments, multiShipment: true, write: true },
  { code: 'OF21', method: 'GET', path: /^\/api\/offers$/, run: listOffers },
  { code: 'OF24', method: 'POST', path: /^\/api\/offers$/, run: writeOffers, write: true },
  { code: 'OF01', method: 'POST', path: /^\/api\/offers\/imports$/, run: importOffers, write: true },
  { code: 'STO01', method: 'POST', path: /^\/api\/offers\/stock\/imports$/, run: createImport, write: true },
  { code: 'STO02', method: 'GET', path: /^\/api\/offers\/stock\/imports\/([^/]+)\/status$/, run: showImport },
  { code: 'STO03', method: 'GET', path: /^\/api\/offers\/stock\/imports\/([^/]+)\/error_report$/, run: showErrorReport },
]

export type Match = { readonly operation: Operation; readonly pathId: string } | { readonly status: 400 | 404 | 405 }

export function matchOperation(request: SandboxRequest): Match {
  let pathKnown = false
  for (const operation of OPERATIONS) {
    const found = operation.path.exec(request.path)
    if (found === null) continue
    pathKnown = true
    if (operation.method !== request.method) continue
    const pathId = decodeSegment(found[1] ?? '')
    return pathId === undefined ? { status: 400 } : { operation, pathId }
  }
  return { status: pathKnown ? 405 : 404 }
}

function decodeSegment(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment)
  } catch {
    return undefined
  }
}

/** SH21 (section 5). */
function listCarriers(call: Call): SandboxReply {
  return { status: 200, body: { carriers: call.shopId === undefined ? [] : carrierList(call.account) } }
}
