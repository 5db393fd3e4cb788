/** eBay: where the published files are silent. Each gap is filled here, by name, and nowhere else. */
import { isObject, type Json, mapValues, verbs } from './slips.ts'

export const ebayFiles = [
  'sell_fulfillment_v1_oas3.json',
  'sell_inventory_v1_oas3.json',
  'developer_analytics_v1_beta_oas3.json',
  'commerce_notification_v1_oas3.json',
]

/** Refusals have a body that is in prose only; tokens, scopes and quotas are refused everywhere and stand nowhere. */
const REFUSALS = ['400', '401', '403', '404', '409', '429', '500']
const REFUSED: Json = { $ref: '#/components/responses/Refused' }

/** Bulk answers that are mixed have the same body as good ones, which only the prose says. */
const MIXED = '207'

/**
 * One of eBay's files as it is served: the paths under their base, with the bodies that only the prose has. The reply to a new shipping
 * fulfillment is empty, though the file gives it an object.
 */
export function ebayServed(document: Json): Json {
  const base = basePath(document)
  const paths = Object.entries(document['paths'] as Json).map(([path, operations]) => [
    `${base}${path}`,
    mapValues(operations as Json, (operation, verb) =>
      verbs.has(verb) && isObject(operation) ? complete(operation) : operation,
    ),
  ])
  const components = document['components'] as Json
  return {
    ...document,
    paths: Object.fromEntries(paths),
    components: { ...components, responses: { Refused: jsonOf(errors) } },
  }
}

const errors: Json = {
  type: 'object',
  required: ['errors'],
  properties: {
    errors: {
      type: 'array',
      minItems: 1,
      items: { allOf: [{ $ref: '#/components/schemas/Error' }, { required: ['errorId', 'domain', 'category', 'message'] }] },
    },
  },
}

function basePath(document: Json): string {
  const [server] = document['servers'] as readonly Json[]
  const { basePath: variable } = (server?.['variables'] ?? {}) as Json
  return String((variable as Json)['default'])
}

function complete(operation: Json): Json {
  const responses = operation['responses'] as Json
  const refused = Object.fromEntries(REFUSALS.map((status) => [status, REFUSED]))
  const mixed = responses[MIXED] === undefined ? {} : { [MIXED]: responses['200'] }
  const created = operation['operationId'] === 'createShippingFulfillment' ? { 201: { description: 'Created' } } : {}
  return { ...operation, responses: { ...responses, ...refused, ...mixed, ...created } }
}

function jsonOf(schema: Json): Json {
  return { content: { 'application/json': { schema } } }
}

/** No published file has the token endpoint. Written down from its documentation: form fields in, OAuth's grant or OAuth's error out. */
export const ebayIdentity: Json = {
  paths: {
    '/identity/v1/oauth2/token': {
      post: {
        operationId: 'ebayIdentity',
        requestBody: {
          required: true,
          content: {
            'application/x-www-form-urlencoded': {
              schema: {
                type: 'object',
                required: ['grant_type', 'refresh_token'],
                properties: {
                  grant_type: { const: 'refresh_token' },
                  refresh_token: { type: 'string', minLength: 1 },
                  scope: { type: 'string', pattern: '^https://[^ ]+( https://[^ ]+)*$' },
                },
              },
            },
          },
        },
        responses: {
          200: jsonOf({
            type: 'object',
            required: ['access_token', 'token_type', 'expires_in'],
            properties: {
              access_token: { type: 'string', minLength: 1 },
              token_type: { enum: ['User Access Token', 'Application Access Token'] },
              expires_in: { type: 'integer', minimum: 1 },
            },
          }),
          ...Object.fromEntries(
            ['400', '401'].map((status) => [
              status,
              jsonOf({
                type: 'object',
                required: ['error', 'error_description'],
                properties: { error: { type: 'string' }, error_description: { type: 'string' } },
              }),
            ]),
          ),
        },
      },
    },
  },
}
