import type { SandboxRequest } from '../stand-in.ts'
import type { Operation } from './limits.ts'

const V2026 = '/orders/2026-01-01/orders'
const V0 = '/orders/v0/orders'
const LISTINGS = '/listings/2021-08-01/items/{sellerId}'
const FEEDS = '/feeds/2021-06-30'
const REPORTS = '/reports/2021-06-30'

interface Route {
  readonly operation: Operation
  readonly method: string
  /** A name in braces stands for one segment. */
  readonly path: string
}

const ROUTES: readonly Route[] = [
  { operation: 'searchOrders', method: 'GET', path: V2026 },
  { operation: 'getOrder', method: 'GET', path: `${V2026}/{orderId}` },
  { operation: 'getOrders', method: 'GET', path: V0 },
  { operation: 'getOrderV0', method: 'GET', path: `${V0}/{orderId}` },
  { operation: 'getOrderItems', method: 'GET', path: `${V0}/{orderId}/orderItems` },
  { operation: 'getOrderAddress', method: 'GET', path: `${V0}/{orderId}/address` },
  { operation: 'getOrderBuyerInfo', method: 'GET', path: `${V0}/{orderId}/buyerInfo` },
  { operation: 'getOrderItemsBuyerInfo', method: 'GET', path: `${V0}/{orderId}/orderItems/buyerInfo` },
  { operation: 'confirmShipment', method: 'POST', path: `${V0}/{orderId}/shipmentConfirmation` },
  { operation: 'createRestrictedDataToken', method: 'POST', path: '/tokens/2021-03-01/restrictedDataToken' },
  { operation: 'getMarketplaceParticipations', method: 'GET', path: '/sellers/v1/marketplaceParticipations' },
  { operation: 'searchListingsItems', method: 'GET', path: LISTINGS },
  { operation: 'getListingsItem', method: 'GET', path: `${LISTINGS}/{sku}` },
  { operation: 'patchListingsItem', method: 'PATCH', path: `${LISTINGS}/{sku}` },
  { operation: 'createFeedDocument', method: 'POST', path: `${FEEDS}/documents` },
  { operation: 'getFeedDocument', method: 'GET', path: `${FEEDS}/documents/{documentId}` },
  { operation: 'createFeed', method: 'POST', path: `${FEEDS}/feeds` },
  { operation: 'getFeed', method: 'GET', path: `${FEEDS}/feeds/{feedId}` },
  { operation: 'createReport', method: 'POST', path: `${REPORTS}/reports` },
  { operation: 'getReport', method: 'GET', path: `${REPORTS}/reports/{reportId}` },
  { operation: 'getReportDocument', method: 'GET', path: `${REPORTS}/documents/{documentId}` },
]

/** Characters that a segment must not hold as they are (contract section 3). */
const UNENCODED = /[!'()*]/

const SPLIT = ROUTES.map((route) => ({ ...route, segments: route.path.split('/') }))

export interface Found {
  readonly operation: Operation
  /** The decoded value of a name in the path. */
  named(name: string): string
}

/** The operation that a request is for; none also when a SKU is not percent-encoded as it must be. */
export function findRoute(request: SandboxRequest): Found | undefined {
  const segments = request.path.split('/')
  for (const { operation, method, segments: wanted } of SPLIT) {
    if (method !== request.method || wanted.length !== segments.length) continue
    if (!wanted.every((name, i) => name.startsWith('{') || name === segments[i])) continue
    const named = (name: string) => segments[wanted.indexOf(`{${name}}`)] ?? ''
    if (UNENCODED.test(named('sku'))) return undefined
    return { operation, named: (name) => decode(named(name)) }
  }
  return undefined
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
