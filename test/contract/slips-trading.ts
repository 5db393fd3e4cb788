/** eBay's Trading API: its schema is not at hand as a file. Written down from its documentation, for the calls that are made, and nothing else. */
import type { Exchange } from './check.ts'
import type { Json } from './slips.ts'

const PATH = '/ws/api.dll'
const NAMESPACE = 'urn:ebay:apis:eBLBaseComponents'

/** All calls go to one address: here each has its own, by the name of its document. */
export function tradingNamed(exchange: Exchange): Exchange {
  if (exchange.path !== PATH) return exchange
  const call = /<(\w+)Request[ >]/.exec(exchange.requestBody)?.[1] ?? 'unknown'
  return { ...exchange, path: `${PATH}/${call}` }
}

/** Text has no other types: numbers, instants and flags are known by their form. */
const text: Json = { type: 'string', pattern: '[^§]', minLength: 1 }
const whole: Json = { type: 'string', pattern: '^(0|[1-9]\\d*)$' }
const positive: Json = { type: 'string', pattern: '^[1-9]\\d*$' }
const instant: Json = { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{3})?Z$' }
const id: Json = { type: 'string', pattern: '^[0-9-]{5,}$' }

function object(properties: Json, required: readonly string[] = Object.keys(properties)): Json {
  return { type: 'object', required, properties }
}

function paging(most: number): Json {
  return object({
    EntriesPerPage: { type: 'string', enum: Array.from({ length: most }, (_, i) => String(i + 1)) },
    PageNumber: positive,
  })
}

function request(call: string, ...bodies: readonly Json[]): Json {
  const root = bodies.map((body) => ({
    ...body,
    properties: { '@_xmlns': { const: NAMESPACE }, ...(body['properties'] as Json) },
    required: ['@_xmlns', ...(body['required'] as readonly string[])],
  }))
  const inside = root.length === 1 ? root[0] : { anyOf: root }
  return object({ [`${call}Request`]: inside })
}

const error: Json = object(
  {
    ShortMessage: { type: 'string' },
    LongMessage: { type: 'string' },
    ErrorCode: whole,
    SeverityCode: { enum: ['Error', 'Warning'] },
    ErrorClassification: { enum: ['RequestError', 'SystemError'] },
    ErrorParameters: {},
  },
  ['ShortMessage', 'ErrorCode', 'SeverityCode', 'ErrorClassification'],
)

/** `more`: what this call answers beside what all do. */
function reply(call: string, more: Json = {}): Json {
  const properties: Json = {
    '@_xmlns': { const: NAMESPACE },
    Timestamp: instant,
    Ack: { enum: ['Success', 'Warning', 'Failure', 'PartialFailure'] },
    CorrelationID: text,
    Errors: { type: 'array', items: error },
    Version: whole,
    Build: { type: 'string' },
    ...more,
  }
  return object({ [`${call}Response`]: object(properties, ['Timestamp', 'Ack', 'Version', 'Build']) })
}

const page = { DetailLevel: { const: 'ReturnAll' } }
const parcel = object({
  ShippingCarrierUsed: { type: 'string', pattern: '^[A-Za-z0-9 -]*[A-Za-z][A-Za-z0-9 -]*$' },
  ShipmentTrackingNumber: { type: 'string', pattern: '^[A-Za-z0-9]{4,}$' },
})
const sale = {
  MessageID: { type: 'string', pattern: '^isync-.{5,}' },
  Shipped: { const: 'true' },
  Shipment: object({
    ShipmentTrackingDetails: { type: 'array', minItems: 1, uniqueItems: true, items: parcel },
    ShippedTime: instant,
  }),
}

const order: Json = {
  type: 'object',
  required: ['OrderID', 'OrderStatus', 'CheckoutStatus', 'CreatedTime', 'Total', 'TransactionArray', 'CancelStatus'],
}

/** By name of the call: its request and its reply. What lies inside an order is open. */
const calls: Readonly<Record<string, readonly [request: Json, reply: Json]>> = {
  GetOrders: [
    request(
      'GetOrders',
      object({
        ...page,
        ModTimeFrom: instant,
        ModTimeTo: instant,
        OrderRole: { const: 'Seller' },
        SortingOrder: { enum: ['Ascending', 'Descending'] },
        Pagination: paging(100),
      }),
      // Orders of a span that are paid for. No other status stands for that, and Shipped may not be asked for.
      object({
        ...page,
        CreateTimeFrom: instant,
        CreateTimeTo: instant,
        OrderRole: { const: 'Seller' },
        OrderStatus: { const: 'Completed' },
        SortingOrder: { enum: ['Ascending', 'Descending'] },
        Pagination: paging(100),
      }),
      // The doctor's question: one order at most, and nothing of it.
      object({ ModTimeFrom: instant, ModTimeTo: instant, Pagination: paging(1) }),
      object({
        ...page,
        OrderIDArray: object({ OrderID: { type: 'array', minItems: 1, maxItems: 100, uniqueItems: true, items: id } }),
        OrderRole: { const: 'Seller' },
        Pagination: paging(100),
      }),
    ),
    reply('GetOrders', {
      PaginationResult: object({ TotalNumberOfPages: whole, TotalNumberOfEntries: whole }),
      HasMoreOrders: { enum: ['true', 'false'] },
      OrdersPerPage: whole,
      PageNumber: whole,
      ReturnedOrderCountActual: whole,
      OrderArray: { anyOf: [{ const: '' }, object({ Order: { type: 'array', items: order } })] },
    }),
  ],
  CompleteSale: [
    request('CompleteSale', object({ ...sale, OrderID: id }), object({ ...sale, OrderLineItemID: id })),
    reply('CompleteSale'),
  ],
  ReviseInventoryStatus: [
    request(
      'ReviseInventoryStatus',
      object({
        InventoryStatus: {
          type: 'array',
          minItems: 1,
          maxItems: 4,
          uniqueItems: true,
          items: object({ ItemID: id, SKU: text, Quantity: whole }, ['ItemID', 'Quantity']),
        },
      }),
    ),
    reply('ReviseInventoryStatus', { InventoryStatus: { type: 'array' }, Fees: {} }),
  ],
  GetMyeBaySelling: [
    request('GetMyeBaySelling', object({ ...page, ActiveList: object({ Include: { const: 'true' }, Pagination: paging(200) }) })),
    reply('GetMyeBaySelling', { ActiveList: {} }),
  ],
}

export const ebayTrading: Json = {
  paths: Object.fromEntries(
    Object.entries(calls).map(([call, [sent, told]]) => [
      `${PATH}/${call}`,
      {
        post: {
          requestBody: { required: true, content: { 'text/xml': { schema: sent } } },
          responses: { 200: { content: { 'text/xml': { schema: told } } } },
        },
      },
    ]),
  ),
}
