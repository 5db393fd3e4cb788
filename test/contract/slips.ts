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

export function mapValues(node: Json, change: (value: unknown, key: string) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, change(value, key)]))
}
