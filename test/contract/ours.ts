import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { readBody } from './bodies.ts'
import type { Exchange } from './check.ts'
import type { Json } from './slips.ts'

/**
 * What these vendors' models leave open, and isync does not: fields that it never leaves out, the forms of ids and numbers as they are in
 * the stories of more-scenario.ts, nothing twice. By operation; a query is one of several.
 */
interface Ours {
  readonly queries?: readonly Json[]
  readonly body?: Json
}

const ajv = new Ajv2020({ strict: false, allErrors: true })

const form = (pattern: string): Json => ({ type: 'string', pattern: `^(?:${pattern})$` })
const INSTANT = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z'
const SPAN = `\\[${INSTANT}\\.\\.${INSTANT}\\]`
const SKU = '(?:SKU-\\d{6}|NOWHERE)'
const sku = form(SKU)
const instant = form(INSTANT)
const units: Json = { type: 'integer', minimum: 0 }
const packed: Json = { type: 'integer', minimum: 1 }
const scroll = form('0{8}-0000-4000-8000-\\d{12}')
const dscoId = form('90071992550\\d{5}')

function exactly(properties: Json, optional: readonly string[] = []): Json {
  const required = Object.keys(properties).filter((name) => !optional.includes(name))
  return { type: 'object', required, additionalProperties: false, properties }
}

function some(items: Json, maxItems: number): Json {
  return { type: 'array', minItems: 1, maxItems, uniqueItems: true, items }
}

const EXPAND = 'Items\\(\\$expand=Promotions,Adjustments\\),Fulfillments\\(\\$expand=Items\\)'
/** Where packages are told, or looked up: nothing of prices. */
const PACKED = 'Items,Fulfillments\\(\\$expand=Items\\)'
const UNSHIPPED = "\\(ShippingStatus eq 'Unshipped' or ShippingStatus eq 'PartiallyShipped'\\)"
const OPEN = `${UNSHIPPED} and ImportDateUtc ge ${INSTANT} and ImportDateUtc lt ${INSTANT} and ID gt (?:0|\\d{8})`
const update = exactly({
  Value: exactly({
    UpdateType: form('Available|UnShipped'),
    Updates: some(exactly({ DistributionCenterID: { const: 0 }, Quantity: units }), 1),
  }),
})
const json = exactly({ 'content-type': { const: 'application/json' }, accept: { const: 'application/json' } })

const OURS: Readonly<Record<string, Ours>> = {
  'GET /developer/analytics/v1_beta/user_rate_limit/': {
    // No api_name: it filters, and eBay writes its names now this way, now that way.
    queries: [exactly({ api_context: { const: 'tradingapi' } })],
  },
  'GET /sell/fulfillment/v1/order': {
    queries: [
      exactly({
        filter: form(`lastmodifieddate:${SPAN}|creationdate:${SPAN},orderfulfillmentstatus:\\{NOT_STARTED\\|IN_PROGRESS\\}`),
        limit: { const: '200' },
        offset: form('0|[1-9]\\d*00'),
        fieldGroups: { const: 'TAX_BREAKDOWN' },
      }),
      exactly({
        orderIds: form('\\d\\d-\\d{5}-\\d{5}(?:,\\d\\d-\\d{5}-\\d{5})*'),
        limit: { const: '50' },
        fieldGroups: { const: 'TAX_BREAKDOWN' },
      }),
      // The doctor's.
      exactly({ limit: { const: '1' } }),
    ],
  },
  'GET /sell/inventory/v1/inventory_item': { queries: [exactly({ limit: { const: '1' }, offset: { const: '0' } })] },
  'GET /sell/inventory/v1/offer': { queries: [exactly({ sku, limit: { const: '100' } })] },
  'POST /identity/v1/oauth2/token': {
    body: exactly({
      grant_type: { const: 'refresh_token' },
      refresh_token: { const: 'sandbox-refresh' },
      scope: form('https://api\\.ebay\\.com/oauth/api_scope( https://api\\.ebay\\.com/oauth/api_scope/sell\\.\\w+){2}'),
    }),
  },
  'POST /sell/fulfillment/v1/order/{orderId}/shipping_fulfillment': {
    body: exactly({
      lineItems: some(exactly({ lineItemId: form('\\d{14}'), quantity: packed }), 100),
      shippedDate: instant,
      shippingCarrierCode: { const: 'UPS' },
      trackingNumber: form('1ZEB\\w{8,}'),
    }),
  },
  'POST /sell/inventory/v1/bulk_get_inventory_item': { body: exactly({ requests: some(exactly({ sku }), 25) }) },
  'POST /sell/inventory/v1/bulk_update_price_quantity': {
    body: exactly({
      requests: some(
        exactly({
          sku,
          shipToLocationAvailability: exactly({ quantity: units }),
          offers: some(exactly({ offerId: form('5\\d{9}'), availableQuantity: units }), 1),
        }),
        25,
      ),
    }),
  },
  'GET /api/v3/inventory/log': { queries: [exactly({ requestId: scroll }), exactly({ scrollId: scroll })] },
  'GET /api/v3/order/': { queries: [exactly({ orderKey: { const: 'dscoOrderId' }, value: dscoId })] },
  'GET /api/v3/order/log': {
    queries: [exactly({ requestId: scroll }), exactly({ scrollId: scroll }), exactly({ startDate: instant, endDate: instant })],
  },
  'GET /api/v3/order/page': {
    queries: [
      exactly({ ordersUpdatedSince: instant, until: instant, ordersPerPage: { const: '1000' } }),
      exactly({ ordersCreatedSince: instant, until: instant, ordersPerPage: { const: '1000' } }),
      exactly({ scrollId: scroll }),
    ],
  },
  'GET /api/v3/warehouse/page': { queries: [exactly({ status: { const: 'active' } }), exactly({ scrollId: scroll })] },
  'POST /api/v3/oauth2/token': {
    body: exactly({
      grant_type: { const: 'client_credentials' },
      client_id: { const: 'sandbox-client' },
      client_secret: { const: 'sandbox-secret' },
    }),
  },
  'POST /api/v3/inventory/batch/small': {
    body: some(
      exactly({
        sku,
        status: form('in-stock|out-of-stock'),
        quantityAvailable: units,
        warehouses: some(exactly({ code: { const: 'W1' }, quantity: units }), 1),
      }),
      5_000,
    ),
  },
  'POST /api/v3/order/acknowledge': {
    body: some(
      exactly({
        id: dscoId,
        type: { const: 'DSCO_ORDER_ID' },
        supplierOrderNumber: form('isync:rithum-acme:90071992550\\d{5}'),
      }),
      20,
    ),
  },
  'POST /api/v3/order/shipment/batch/small': {
    body: some(
      exactly({
        dscoOrderId: dscoId,
        shipments: some(
          exactly({
            trackingNumber: form('1ZDS\\w{8,}'),
            shipDate: instant,
            shipCarrier: { const: 'UPS' },
            shipMethod: { const: 'Ground' },
            lineItems: some(exactly({ lineNumber: packed, sku, quantity: packed }), 100),
          }),
          1,
        ),
      }),
      100,
    ),
  },
  'GET /v1/Orders': {
    queries: [
      exactly({
        $filter: form(`UpdatedDateUtc ge ${INSTANT} or ImportDateUtc ge ${INSTANT}`),
        $orderby: { const: 'ID' },
        $expand: form(EXPAND),
        $count: { const: 'true' },
      }),
      exactly({ $filter: form(OPEN), $orderby: { const: 'ID' }, $expand: form(EXPAND) }),
      exactly({ $filter: form('ID eq \\d{8}(?: or ID eq \\d{8})*'), $expand: form(`${EXPAND}|${PACKED}`) }),
      // The doctor's.
      exactly({
        $filter: form(`ImportDateUtc ge ${INSTANT}`),
        $orderby: { const: 'ImportDateUtc desc' },
        $select: { const: 'ID,SiteID,SiteName,ImportDateUtc' },
      }),
    ],
  },
  'GET /v1/Orders({OrderID})': { queries: [exactly({ $expand: form(PACKED) })] },
  'GET /v1/Products': {
    queries: [
      exactly({
        $filter: form(`Sku eq '${SKU}'(?: or Sku eq '${SKU}')*`),
        $select: { const: 'ID,Sku' },
        $expand: { const: 'DCQuantities' },
      }),
    ],
  },
  'POST /oauth2/token': {
    body: exactly({ grant_type: { const: 'refresh_token' }, refresh_token: { const: 'sandbox-refresh' } }),
  },
  'POST /v1/$batch': {
    body: exactly({
      requests: some(
        exactly({
          id: form('[1-9]\\d?|100'),
          method: { const: 'POST' },
          url: form('/v1/Products\\(31\\d{6}\\)/UpdateQuantity'),
          headers: json,
          body: update,
        }),
        100,
      ),
    }),
  },
  'POST /v1/Products({ProductID})/UpdateQuantity': { body: update },
  'POST /v1/Orders({OrderID})/Ship': {
    body: exactly({
      Value: exactly({
        ShippedDateUtc: instant,
        TrackingNumber: form('1ZCH\\w{8,}'),
        ShippingCarrier: { const: 'UPS' },
        ShippingClass: { const: 'Ground' },
        DistributionCenterID: { const: 0 },
        SellerFulfillmentID: form('\\d{8}'),
        DeliveryStatus: { const: 'Complete' },
        Items: some(exactly({ OrderItemID: { type: 'integer', minimum: 29_000_000 }, Sku: sku, Quantity: packed }), 100),
      }),
    }),
  },
}

const compiled = new Map<string, { readonly query: ValidateFunction | undefined; readonly body: ValidateFunction | undefined }>()

function rulesOf(operation: string) {
  const { queries, body } = OURS[operation] ?? {}
  const rules = compiled.get(operation) ?? {
    query: queries === undefined ? undefined : ajv.compile({ anyOf: queries }),
    body: body === undefined ? undefined : ajv.compile(body),
  }
  compiled.set(operation, rules)
  return rules
}

/** What of a request is not as isync always has it, in words. */
export function unlikeOurs({ query, path, requestBody, requestType = '' }: Exchange, operation: string): readonly string[] {
  const rules = rulesOf(operation)
  const sent = Object.fromEntries(new URLSearchParams(query))
  const problems: string[] = []
  if (rules.query?.(sent) === false) problems.push(`query: ${ajv.errorsText(rules.query.errors)}`)
  if (requestBody !== '' && rules.body?.(readBody(requestType, requestBody)) === false)
    problems.push(`body: ${ajv.errorsText(rules.body.errors)}`)
  if (path.includes('%C2%A7')) problems.push('path: no id of an order')
  return problems
}
