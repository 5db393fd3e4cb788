/** Rithum's ChannelAdvisor: where the description of its REST API is silent. Each gap is filled here, by name, and nowhere else. */
import { isObject, type Json, mapValues, verbs } from './slips.ts'

export const channelAdvisorFile = 'channeladvisor-rest-v1.openapi.yaml'

/** Routes, sizes, limits and rights are refused everywhere, and stand at some operations only. */
const REFUSALS = ['400', '401', '404', '405', '413', '414', '415', '429', '500']

const anyError: Json = { content: { 'application/json': { schema: { $ref: '#/components/schemas/AnyError' } } } }

const text: Json = { type: ['string', 'null'] }
const whole: Json = { type: 'integer' }
const amount: Json = { type: ['number', 'null'] }
const time: Json = { type: ['string', 'null'], format: 'date-time' }
const link: Json = { type: 'string' }
const rows: Json = { type: 'array', items: { type: 'object' } }

/** Properties that the vendor's pages speak of, or that OData adds, by schema. */
const ADDED: Readonly<Record<string, Json>> = {
  Order: {
    '@odata.context': link,
    // A byte in the vendor's own metadata.
    UserDataPresent: { type: 'integer', enum: [0, 1] },
    UserDataRemovalDateUTC: time,
    Adjustments: rows,
    'Fulfillments@odata.nextLink': link,
  },
  OrderItem: { Promotions: rows, FulfillmentItems: rows, Adjustments: rows, BundleComponents: rows },
  Fulfillment: { '@odata.context': link, 'Items@odata.nextLink': link },
  ProductPage: { '@odata.count': whole },
  DistributionCenter: { '@odata.context': link },
}

const PRODUCT: Json = {
  '@odata.context': link,
  ProfileID: whole,
  Title: text,
  CreateDateUtc: time,
  UpdateDateUtc: time,
  QuantityUpdateDateUtc: time,
  BuyItNowPrice: amount,
  IsParent: { type: 'boolean' },
  ParentProductID: { type: ['integer', 'null'] },
  OpenAllocatedQuantity: whole,
  PendingCheckoutQuantity: whole,
  PendingPaymentQuantity: whole,
  PendingShipmentQuantity: whole,
  TotalQuantity: whole,
  DCQuantities: rows,
}

/** Options of OData that the file has at some lists only. */
const LIST_OPTIONS = ['$filter', '$expand', '$select', '$orderby', '$count', '$skip', '$top']

const jsonBatch: Json = {
  required: true,
  content: {
    'application/json': {
      schema: {
        type: 'object',
        required: ['requests'],
        properties: {
          requests: {
            type: 'array',
            minItems: 1,
            items: {
              type: 'object',
              required: ['id', 'method', 'url'],
              properties: {
                id: { type: 'string' },
                method: { enum: ['GET', 'POST', 'PATCH', 'PUT', 'DELETE'] },
                url: { type: 'string' },
                headers: { type: 'object', additionalProperties: { type: 'string' } },
                body: {},
              },
            },
          },
        },
      },
    },
  },
}

function jsonOf(schema: Json): Json {
  return { content: { 'application/json': { schema } } }
}

function pageOf(schema: string): Json {
  const properties = {
    '@odata.context': link,
    '@odata.count': whole,
    '@odata.nextLink': link,
    value: { type: 'array', items: { $ref: `#/components/schemas/${schema}` } },
  }
  return { responses: { '200': jsonOf({ type: 'object', required: ['value'], properties }) } }
}

const fulfillmentId: Json = { parameters: [{ name: 'FulfillmentID', in: 'path', required: true, schema: whole }] }
const orderId: Json = { parameters: [{ $ref: '#/components/parameters/OrderID' }] }
const productId: Json = { parameters: [{ name: 'ProductID', in: 'path', required: true, schema: whole }] }

/** Where the links of a cut collection lead, and what the prose says of fulfillments and single products. */
const ADDED_PATHS: Readonly<Record<string, Json>> = {
  '/v1/Orders({OrderID})/Items': { ...orderId, get: pageOf('OrderItem') },
  '/v1/Fulfillments': { get: pageOf('Fulfillment') },
  '/v1/Fulfillments({FulfillmentID})': {
    ...fulfillmentId,
    get: { responses: { '200': jsonOf({ $ref: '#/components/schemas/Fulfillment' }) } },
    patch: {
      requestBody: { required: true, ...jsonOf({ $ref: '#/components/schemas/Fulfillment' }) },
      responses: { '204': {} },
    },
  },
  '/v1/Products({ProductID})': {
    ...productId,
    get: { responses: { '200': jsonOf({ $ref: '#/components/schemas/Product' }) } },
  },
}

/** The description, completed. A partial answer ($select) is not what it is about: its required properties are those of a whole entity. */
export function channelAdvisorServed(document: Json): Json {
  const components = document['components'] as Json
  const schemas = mapValues(components['schemas'] as Json, (schema, name) => withAdded(schema as Json, ADDED[name] ?? {}))
  const page = schemas['ProductPage'] as Json
  const value = (page['properties'] as Json)['value'] as Json
  const Product = withAdded(value['items'] as Json, PRODUCT)
  const ProductPage = withAdded(page, { value: { type: 'array', items: { $ref: '#/components/schemas/Product' } } })
  const searched: Readonly<Record<string, Json>> = { '/v1/Orders': schemas['Order'] as Json, '/v1/Products': Product }
  const paths = mapValues({ ...(document['paths'] as Json), ...ADDED_PATHS }, (path, template) =>
    mapValues(path as Json, (operation, verb) =>
      verbs.has(verb) && isObject(operation) ? complete(operation, template, verb, searched[template]) : operation,
    ),
  )
  return { ...document, paths, components: { ...components, schemas: { ...schemas, Product, ProductPage } } }
}

function withAdded(schema: Json, properties: Json): Json {
  return isObject(schema['properties']) ? { ...schema, properties: { ...schema['properties'], ...properties } } : schema
}

/** `entity`: what the list at this path is of, where it is searched by more than its links. */
function complete(operation: Json, template: string, verb: string, entity: Json | undefined): Json {
  const refusals = Object.fromEntries(REFUSALS.map((status) => [status, anyError]))
  const responses = template === '/oauth2/token' ? operation['responses'] : { ...refusals, ...(operation['responses'] as Json) }
  const body = template === '/v1/$batch' ? { requestBody: jsonBatch } : {}
  const parameters = withOptions(operation, template).map((one) =>
    entity === undefined ? one : searchable(one as Json, entity['properties'] as Json),
  )
  return { ...operation, ...body, responses, ...(verb === 'get' ? { parameters } : {}) }
}

/** To the file a filter is any text, and an order of rows too. Here they speak of properties that there are, by values that those may have. */
function searchable(parameter: Json, properties: Json): Json {
  const comparisons = Object.entries(properties).flatMap(([name, schema]) => {
    const literal = literalOf(schema as Json)
    return literal === undefined ? [] : [`${name} ${literal}`]
  })
  const one = `(?:${comparisons.join('|')})`
  const several = `${one}(?: (?:and|or) ${one})*`
  const inBrackets = `(?:${several}|\\(${several}\\))`
  const patterns: Readonly<Record<string, string>> = {
    $filter: `^${inBrackets}(?: (?:and|or) ${inBrackets})*$`,
    $orderby: `^(?:${Object.keys(properties).join('|')})(?: asc| desc)?$`,
  }
  const pattern = patterns[String(parameter['name'])]
  return pattern === undefined ? parameter : { ...parameter, schema: { type: 'string', pattern } }
}

/** How a property is compared: names and texts with what they are, times (bare, in UTC) and numbers with what is more or less, too. */
function literalOf({ type, format, enum: values }: Json): string | undefined {
  if (Array.isArray(values)) return `(?:eq|ne) '(?:${values.filter((value) => typeof value === 'string').join('|')})'`
  const types = [type].flat()
  if (format === 'date-time') return '(?:eq|ne|gt|ge|lt|le) \\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?Z'
  if (types.includes('integer')) return '(?:eq|ne|gt|ge|lt|le) \\d+'
  return types.includes('string') ? "(?:eq|ne) '(?:[^']|'')+'" : undefined
}

function withOptions({ parameters }: Json, template: string): readonly unknown[] {
  const given = Array.isArray(parameters) ? (parameters as readonly Json[]) : []
  const wanted = template.endsWith('ID})') ? ['$expand', '$select'] : LIST_OPTIONS
  const missing = wanted.filter((name) => given.every((one) => one['name'] !== name))
  return [...given, ...missing.map((name) => ({ name, in: 'query', schema: optionType(name) }))]
}

function optionType(name: string): Json {
  if (name === '$count') return { type: 'boolean' }
  return { type: name === '$skip' || name === '$top' ? 'integer' : 'string' }
}
