import type { Run } from './call.ts'
import { changeFulfillment, getFulfillment, listEntries, listFulfillments, listOrderFulfillments } from './fulfillments.ts'
import { exportOrder, getOrder, listItems, listOrders, unexportOrder } from './orders.ts'
import { getProduct, listCenters, listProducts } from './products.ts'
import { updateQuantity } from './quantity.ts'
import { shipOrder } from './ship.ts'
import { showUpload, startUpload } from './upload.ts'

export interface Route {
  readonly name: string
  readonly methods: readonly string[]
  /** Below /v1; its group is the ID. */
  readonly path: RegExp
  readonly area: 'orders' | 'inventory'
  readonly run: Run
}

const GET = ['GET']
const POST = ['POST']

// biome-ignore format: a table
const ROUTES: readonly Route[] = [
  { name: 'Orders', methods: GET, path: /^Orders$/, area: 'orders', run: listOrders },
  { name: 'Order', methods: GET, path: /^Orders\((\d+)\)$/, area: 'orders', run: getOrder },
  { name: 'OrderItems', methods: GET, path: /^Orders\((\d+)\)\/Items$/, area: 'orders', run: listItems },
  { name: 'OrderFulfillments', methods: GET, path: /^Orders\((\d+)\)\/Fulfillments$/, area: 'orders', run: listOrderFulfillments },
  { name: 'Export', methods: POST, path: /^Orders\((\d+)\)\/Export$/, area: 'orders', run: exportOrder },
  { name: 'Unexport', methods: ['DELETE'], path: /^Orders\((\d+)\)\/Export$/, area: 'orders', run: unexportOrder },
  { name: 'Ship', methods: POST, path: /^Orders\((\d+)\)\/Ship$/, area: 'orders', run: shipOrder },
  { name: 'Fulfillments', methods: GET, path: /^Fulfillments$/, area: 'orders', run: listFulfillments },
  { name: 'Fulfillment', methods: GET, path: /^Fulfillments\((\d+)\)$/, area: 'orders', run: getFulfillment },
  { name: 'ChangeFulfillment', methods: ['PATCH', 'PUT'], path: /^Fulfillments\((\d+)\)$/, area: 'orders', run: changeFulfillment },
  { name: 'FulfillmentItems', methods: GET, path: /^Fulfillments\((\d+)\)\/Items$/, area: 'orders', run: listEntries },
  { name: 'DistributionCenters', methods: GET, path: /^DistributionCenters$/, area: 'inventory', run: listCenters },
  { name: 'Products', methods: GET, path: /^Products$/, area: 'inventory', run: listProducts },
  { name: 'Product', methods: GET, path: /^Products\((\d+)\)$/, area: 'inventory', run: getProduct },
  { name: 'UpdateQuantity', methods: POST, path: /^Products\((\d+)\)\/UpdateQuantity$/, area: 'inventory', run: updateQuantity },
  { name: 'ProductUpload', methods: POST, path: /^ProductUpload$/, area: 'inventory', run: startUpload },
  { name: 'UploadStatus', methods: GET, path: /^ProductUpload$/, area: 'inventory', run: showUpload },
]

export const OPERATIONS: readonly string[] = [...ROUTES.map(({ name }) => name), 'batch', 'token']

export type Match = { readonly route: Route; readonly id: number } | { readonly status: 404 | 405 }

export function matchRoute(method: string, path: string): Match {
  const fitting = ROUTES.filter((route) => route.path.test(path))
  const route = fitting.find(({ methods }) => methods.includes(method))
  if (route === undefined) return { status: fitting.length === 0 ? 404 : 405 }
  return { route, id: Number(route.path.exec(path)?.[1] ?? 0) }
}
