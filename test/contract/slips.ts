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

/** Mirakl: `required` is about the key. These are null in the vendor's own examples, or before an order may be shipped. */
const nullThoughRequired = new Set(['shipping_address', 'billing_address', 'description', 'last_updated_date'])

/** Mirakl: examples and prose hold words that look like keywords of a schema. */
const prose = new Set(['example', 'examples', 'description'])

export function miraklWithoutProse(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(miraklWithoutProse)
  if (!isObject(node)) return node
  const kept = Object.entries(node).filter(([key]) => !prose.has(key) || key === 'properties')
  return Object.fromEntries(
    kept.map(([key, value]) => [key, key === 'properties' && isObject(value) ? mapValues(value, miraklWithoutProse) : miraklWithoutProse(value)]),
  )
}

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

/** Mirakl: a custom field's `value` sits in the sub-schemas of a discriminator, so its object cannot be closed. */
export function miraklIsOpen(schema: Json): boolean {
  return schema['discriminator'] !== undefined
}

/** Mirakl: a format of its own for amounts. */
export const miraklFormats = ['with decimals'] as const

/** Mirakl: a single state by its `enum`, "separated by commas" by its description and by the vendor's documentation. */
export const miraklCommaLists: ReadonlySet<string> = new Set(['order_state_codes', 'order_ids', 'channel_codes'])

/**
 * Mirakl: the vendor's file has no parameters for paging, `locale` or `sort`, and no reply for an error. The file beside it, written from the
 * vendor's prose, has them: what one of the two describes is described, and what both describe must hold in both.
 */
export const miraklFiles = { vendor: 'mirakl-seller.vendor-full.json', added: 'mirakl-seller.isync.openapi.yaml' } as const

/**
 * ShipStation: few operations list the replies that the whole API shares (401, 429 and 500 come from in front of every operation). Its body
 * for 401 is not relied on.
 */
export const shipStationShared: Json = {
  401: { $ref: '#/components/responses/Unauthorized' },
  429: { $ref: '#/components/responses/TooMany' },
  500: { $ref: '#/components/responses/ServerError' },
}

export function mapValues(node: Json, change: (value: unknown, key: string) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, change(value, key)]))
}
