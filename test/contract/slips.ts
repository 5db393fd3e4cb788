/** Where the vendors' published models are wrong or silent. Each slip is put right here, by name, and nowhere else. */

export type Json = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Amazon: the keys of a path beside the HTTP verbs are vendor extensions, and path-level parameters are no verb either. */
export const verbs: ReadonlySet<string> = new Set(['get', 'put', 'post', 'delete', 'patch'])

/**
 * Amazon: no published model has Login with Amazon, where tokens come from. Written down from its documentation: form fields in, OAuth's
 * grant or OAuth's error out. Bodies are given as objects; the checker turns a form into one.
 */
export const loginWithAmazon: Json = {
  paths: {
    '/auth/o2/token': {
      post: {
        operationId: 'loginWithAmazon',
        requestBody: {
          required: true,
          content: {
            'application/x-www-form-urlencoded': {
              schema: {
                type: 'object',
                required: ['grant_type', 'refresh_token', 'client_id', 'client_secret'],
                properties: {
                  grant_type: { const: 'refresh_token' },
                  refresh_token: { type: 'string', minLength: 1, maxLength: 2048 },
                  client_id: { type: 'string', minLength: 1 },
                  client_secret: { type: 'string', minLength: 1 },
                },
              },
            },
          },
        },
        responses: {
          200: {
            content: {
              'application/json': {
                schema: {
                  type: 'object',
                  required: ['access_token', 'token_type', 'expires_in'],
                  properties: {
                    access_token: { type: 'string', minLength: 1, maxLength: 2048 },
                    refresh_token: { type: 'string', minLength: 1, maxLength: 2048 },
                    token_type: { const: 'bearer' },
                    expires_in: { type: 'integer', minimum: 1 },
                  },
                },
              },
            },
          },
          400: { $ref: '#/components/responses/Refused' },
          401: { $ref: '#/components/responses/Refused' },
        },
      },
    },
  },
  components: {
    responses: {
      Refused: {
        content: {
          'application/json': {
            schema: {
              type: 'object',
              required: ['error'],
              properties: { error: { type: 'string' }, error_description: { type: 'string' } },
            },
          },
        },
      },
    },
  },
}

interface Prose {
  /** Parameters by name, wherever they are. */
  readonly parameters: Readonly<Record<string, Json>>
  /** Definitions by name. */
  readonly definitions: Readonly<Record<string, Json>>
}

/** Amazon: these limits and lists of values are in descriptions only. */
const amazonProse: Prose = {
  parameters: {
    maxResultsPerPage: { minimum: 1, maximum: 100 },
    MaxResultsPerPage: { minimum: 1, maximum: 100 },
    FulfillmentChannels: { items: { type: 'string', enum: ['AFN', 'MFN'] } },
    OrderStatuses: {
      items: {
        type: 'string',
        // biome-ignore format: a word list
        enum: [
          'PendingAvailability', 'Pending', 'Unshipped', 'PartiallyShipped', 'Shipped', 'InvoiceUnconfirmed', 'Canceled', 'Unfulfillable',
        ],
      },
    },
  },
  definitions: {
    PackageReferenceId: { pattern: '^[1-9][0-9]*$' },
    PackageDetail: { anyOf: [{ not: { properties: { carrierCode: { const: 'Other' } } } }, { required: ['carrierName'] }] },
    CreateRestrictedDataTokenRequest: { allOf: [{ properties: { restrictedResources: { maxItems: 50 } } }] },
    RestrictedResource: {
      allOf: [{ properties: { dataElements: { items: { enum: ['buyerInfo', 'shippingAddress', 'buyerTaxInformation'] } } } }],
    },
  },
}

export function amazonWithProse(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(amazonWithProse)
  if (!isObject(node)) return node
  const copy = mapValues(node, (value, key) => (key === 'definitions' ? value : amazonWithProse(value)))
  const { definitions } = node
  if (isObject(definitions))
    copy['definitions'] = mapValues(definitions, (value, name) => ({ ...(value as Json), ...amazonProse.definitions[name] }))
  return node['in'] === 'query' ? { ...copy, ...amazonProse.parameters[String(node['name'])] } : copy
}

/** Amazon: a search wants exactly one beginning, says the description. In v0 the token of a page, or a list of ids, stands for it. */
export function amazonSearchProblems(template: string, sent: ReadonlySet<string>): readonly string[] {
  const v2026 = template === '/orders/2026-01-01/orders'
  if (!v2026 && template !== '/orders/v0/orders') return []
  const given = [...sent].filter((name) => /^(createdAfter|lastUpdatedAfter)$/i.test(name))
  if (given.length > 1) return [`${given.join(' and ')} exclude each other`]
  const other = !v2026 && (sent.has('NextToken') || sent.has('AmazonOrderIds'))
  return given.length === 1 || other ? [] : ['neither a date of creation nor one of change is given']
}

/** Mirakl: `required` is about the key. These are null in the vendor's own examples, or before an order may be shipped. */
const nullThoughRequired = new Set(['shipping_address', 'billing_address', 'description', 'last_updated_date'])

/** Mirakl: "absent and null mean the same" in replies, and neither `nullable` nor a union of types says so. */
export function miraklNullForAbsent(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(miraklNullForAbsent)
  if (!isObject(node)) return node
  const copy = mapValues(node, miraklNullForAbsent)
  const { properties } = copy
  if (!isObject(properties)) return copy
  const required = new Set(Array.isArray(node['required']) ? node['required'] : [])
  const orNull = (schema: unknown, key: string) =>
    required.has(key) && !nullThoughRequired.has(key) ? schema : { anyOf: [schema, { type: 'null' }] }
  return { ...copy, properties: mapValues(properties, orNull) }
}

/** Mirakl: a format of its own for amounts; they are JSON numbers. */
export const miraklFormats = ['with decimals'] as const

/** Mirakl: one state by its `enum`, "a comma-separated list" by its description. */
export const miraklCommaLists: ReadonlySet<string> = new Set(['order_state_codes'])

/**
 * Mirakl: the vendor's file has no parameters for paging, `locale` or `sort`, and no reply for an error. The file beside it, written from the
 * vendor's prose, has them: what one of the two describes is described, and what both describe must hold in both.
 */
export const miraklFiles = { vendor: 'mirakl-seller.vendor-full.json', added: 'mirakl-seller.isync.openapi.yaml' } as const

/**
 * Mirakl: what is left to ship (ST12) is in the vendor's file only, without a parameter for paging and without errors. It is paged as the list
 * of shipments (ST11) is.
 */
export function miraklWithItemsToShip(added: Json): Json {
  const paths = added['paths'] as Readonly<Record<string, Readonly<Record<string, Json>>>>
  const shipments = paths['/api/shipments']?.['get'] as Json
  const paging = (shipments['parameters'] as readonly Json[]).filter(({ name }) => name === 'limit' || name === 'page_token')
  const responses = { ...(shipments['responses'] as Json), 200: {} }
  return {
    ...added,
    paths: { ...paths, '/api/shipments/items_to_ship': { get: { operationId: 'ST12', parameters: paging, responses } } },
  }
}

/**
 * ShipStation: few operations list the replies that the whole API shares (401, 429 and 500 come from in front of every operation). Its body
 * for 401 is not relied on.
 */
export const shipStationShared: Json = {
  401: { $ref: '#/components/responses/Unauthorized' },
  429: { $ref: '#/components/responses/TooMany' },
  500: { $ref: '#/components/responses/ServerError' },
}

/**
 * ShipStation: the file is written from the vendor's documentation and holds what isync reads. These are in the vendor's own examples of a
 * store and of a shipment as well, and in the stand-in's replies.
 */
export const shipStationExtras: Readonly<Record<string, Json>> = {
  Store: {
    companyName: { type: ['string', 'null'] },
    phone: { type: ['string', 'null'] },
    publicEmail: { type: ['string', 'null'] },
    website: { type: ['string', 'null'] },
  },
  Shipment: { insuranceOptions: { type: ['object', 'null'] } },
}

/** Zoho: the only error body that its documentation has. None of the files lists one. */
const zohoRefusal: Json = {
  content: {
    'application/json': {
      schema: {
        type: 'object',
        required: ['code', 'message'],
        properties: { code: { type: 'integer' }, message: { type: 'string' } },
      },
    },
  },
}

const zohoRefusals: Json = Object.fromEntries([400, 401, 404, 429, 500].map((status) => [status, zohoRefusal]))

const zohoStock = [
  'stock_on_hand',
  'available_stock',
  'actual_available_stock',
  'committed_stock',
  'actual_committed_stock',
  'available_for_sale_stock',
  'actual_available_for_sale_stock',
]
const zohoListStock = zohoStock.slice(0, 3)
const decimal: Json = { type: ['number', 'string'], pattern: '^-?[0-9]+([.][0-9]+)?$' }
const zohoId: Json = { type: 'string', pattern: '^[0-9]{1,19}$' }
const zohoTime: Json = { type: 'string', pattern: '^[0-9-]{10}T[0-9:]{8}[+-][0-9]{4}$' }

function all(names: readonly string[], schema: Json): Json {
  return Object.fromEntries(names.map((name) => [name, schema]))
}

/** Zoho: a place's values are text in the model; before the renaming they came as numbers. */
function zohoPlaces(prefix: 'location' | 'warehouse', value: Json): Json {
  const names = [...zohoStock, 'quantity_in_transit'].map((name) => `${prefix}_${name}`)
  const properties = {
    [`${prefix}_id`]: zohoId,
    [`${prefix}_name`]: { type: 'string' },
    status: { enum: ['active', 'inactive'] },
    is_primary: { type: 'boolean' },
    is_item_mapped: { type: 'boolean' },
    ...all(names, value),
    [`${prefix}_quantity_in_transit`]: { type: 'number' },
  }
  return { type: 'array', items: { type: 'object', required: [`${prefix}_id`, `${prefix}_stock_on_hand`], properties } }
}

/** Zoho: what replies were seen to have, and the file with its one list of three values per place has not. */
const zohoSeen: Json = {
  brand: { type: 'string' },
  category_name: { type: 'string' },
  warehouses: zohoPlaces('warehouse', { type: 'number' }),
  locations: zohoPlaces('location', { type: 'string', pattern: '^-?[0-9]+([.][0-9]+)?$' }),
  item_id: zohoId,
  created_time: zohoTime,
  last_modified_time: zohoTime,
}
const zohoInDetails: Json = {
  ...zohoSeen,
  ...all(zohoStock, decimal),
  is_combo_product: { type: 'boolean' },
  combo_type: { type: 'string' },
  ...all(['group_id', 'group_name', 'attribute_name1', 'attribute_option_name1', 'source'], { type: 'string' }),
  ...all(['can_be_sold', 'can_be_purchased', 'track_inventory'], { type: 'boolean' }),
}

const zohoPageContext: Json = {
  type: 'object',
  required: ['page', 'per_page', 'has_more_page'],
  properties: {
    page: { type: 'integer', minimum: 1 },
    per_page: { type: 'integer', minimum: 1, maximum: 200 },
    has_more_page: { type: 'boolean' },
    ...all(['report_name', 'applied_filter', 'sort_column'], { type: 'string' }),
    sort_order: { enum: ['A', 'D'] },
  },
}

/** Zoho: no reply lists what it must have. These are the keys that a reader cannot do without. */
const zohoNeeds = ['item_id', 'name', 'status', 'item_type', 'product_type', 'sku', 'created_time', 'last_modified_time']

/** Zoho: the shape of one reply, with what was seen beside it. `at` leads from the reply to the schema of one item. */
function zohoReply(reply: Json, key: 'items' | 'item', seen: Json, more: Json): Json {
  const properties = reply['properties'] as Readonly<Record<string, Json>>
  const list = properties[key] as Json
  const item = (key === 'items' ? list['items'] : list) as Json
  const complete = { ...item, required: zohoNeeds, properties: { ...(item['properties'] as Json), ...seen } }
  return {
    ...reply,
    required: ['code', 'message', key, ...Object.keys(more)],
    properties: { ...properties, [key]: key === 'items' ? { ...list, items: complete } : complete, ...more },
  }
}

/** Zoho: items, with the replies' missing halves. */
export function zohoItems(document: Json): Json {
  const components = document['components'] as Json
  const schemas = components['schemas'] as Readonly<Record<string, Json>>
  const completed = mapValues(schemas, (schema, name) => {
    if (name === 'list-all-the-items-response')
      return zohoReply(
        schema as Json,
        'items',
        { ...zohoSeen, ...all(zohoListStock, decimal) },
        { page_context: zohoPageContext },
      )
    if (name === 'bulk-fetch-item-details-response') return zohoReply(schema as Json, 'items', zohoInDetails, {})
    if (name === 'retrieve-an-item-response') return zohoReply(schema as Json, 'item', zohoInDetails, {})
    return schema
  })
  return { ...document, components: { ...components, schemas: completed } }
}

/**
 * Zoho: paths are relative to the server, every operation refuses in the same way, and the organization may be named in every call, though
 * whoever asks which there are does not know it yet.
 */
export function zohoServed(document: Json): Json {
  const organization = { name: 'organization_id', in: 'query', required: false, schema: { type: 'string' } }
  const paths = Object.entries(document['paths'] as Json).map(([template, path]) => {
    const complete = mapValues(path as Json, (one, verb) =>
      verbs.has(verb) && isObject(one) ? { ...one, responses: { ...zohoRefusals, ...(one['responses'] as Json) } } : one,
    )
    return [
      `/inventory/v1${template}`,
      template === '/organizations' ? { ...complete, parameters: [organization] } : complete,
    ] as const
  })
  return { ...document, paths: Object.fromEntries(paths) }
}

/** Zoho: no file has the tokens. Written down from the documentation and from what was seen: errors come with 400, and with 200. */
export const zohoAccounts: Json = {
  paths: {
    '/oauth/v2/token': {
      post: {
        operationId: 'zohoAccounts',
        requestBody: {
          required: true,
          content: {
            'application/x-www-form-urlencoded': {
              schema: {
                type: 'object',
                required: ['grant_type', 'refresh_token', 'client_id', 'client_secret'],
                properties: {
                  grant_type: { const: 'refresh_token' },
                  ...all(['refresh_token', 'client_id', 'client_secret'], { type: 'string', minLength: 1 }),
                },
              },
            },
          },
        },
        responses: {
          200: { content: { 'application/json': { schema: { anyOf: [{ $ref: '#/granted' }, { $ref: '#/refused' }] } } } },
          400: { content: { 'application/json': { schema: { $ref: '#/refused' } } } },
        },
      },
    },
  },
  granted: {
    type: 'object',
    required: ['access_token', 'api_domain', 'token_type', 'expires_in'],
    properties: {
      access_token: { type: 'string', pattern: '^1000[.][0-9a-f]{32}[.][0-9a-f]{32}$' },
      api_domain: { type: 'string', pattern: '^https://www[.]zohoapis[.][a-z.]+$' },
      token_type: { const: 'Bearer' },
      expires_in: { const: 3600 },
    },
  },
  refused: {
    type: 'object',
    required: ['error'],
    properties: all(['error', 'error_description', 'status'], { type: 'string' }),
  },
}

export function mapValues(node: Json, change: (value: unknown, key: string) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, change(value, key)]))
}
