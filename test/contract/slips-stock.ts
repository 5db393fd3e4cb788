/** Where the published models are wrong or silent about stock: listings, feeds, stock files. Each slip is put right here, by name. */

import { isObject, type Json, mapValues } from './slips.ts'

const text: Json = { type: 'string', minLength: 1 }
const oneOf = (...words: readonly string[]): Json => ({ type: 'string', enum: words })

/**
 * Amazon: what an attribute holds is in no model of an API, only in the vendor's definitions of product types. A quantity goes in a merge, in
 * one record of the merchant's own channel: another operation wipes the handling time, another channel makes a second record of an FBA
 * listing (contract section 3).
 */
const quantityPatch: Json = {
  type: 'object',
  required: ['op', 'path', 'value'],
  properties: {
    op: { const: 'merge' },
    path: { const: '/attributes/fulfillment_availability' },
    value: {
      type: 'array',
      minItems: 1,
      maxItems: 1,
      items: {
        type: 'object',
        required: ['fulfillment_channel_code', 'quantity'],
        properties: {
          fulfillment_channel_code: { const: 'DEFAULT' },
          quantity: { type: 'integer', minimum: 0, maximum: 2_147_483_647 },
        },
      },
    },
  },
}

const marketplaceId: Json = { type: 'string', pattern: '^A[A-Z0-9]{11,13}$' }
const productType: Json = { type: 'string', pattern: '^[A-Z][A-Z0-9_]*$' }
/** No code is documented for a SKU that is not there: refusals are told apart by their words, so these must be English. */
const english: Json = { const: 'en_US' }
const sellerId: Json = { type: 'string', pattern: '^A[A-Z0-9]+$' }

/** Amazon: these forms are in descriptions and examples only. The limits of a page lack their lower end. */
const listingParameters: Readonly<Record<string, Json>> = {
  sellerId,
  issueLocale: english,
  marketplaceIds: { items: marketplaceId, minItems: 1 },
  pageSize: { minimum: 1, maximum: 20 },
  identifiers: { items: text, minItems: 1, maxItems: 20 },
  sku: text,
}

/** Amazon: a patch takes one marketplace, says the documentation; the model says it of its neighbours put and delete only. */
const oneMarketplace: Json = { items: marketplaceId, minItems: 1, maxItems: 1 }

export function amazonListingsModel(document: Json): Json {
  const paths = mapValues(document['paths'] as Json, (path) =>
    mapValues(path as Json, (operation, verb) => (isObject(operation) ? withForms(operation, verb === 'patch') : operation)),
  )
  const definitions = document['definitions'] as Readonly<Record<string, Json>>
  const request = definitions['ListingsItemPatchRequest'] as Json
  const patches = { type: 'array', minItems: 1, maxItems: 1, items: { $ref: '#/definitions/PatchOperation' } }
  const properties = { ...(request['properties'] as Json), productType, patches }
  return {
    ...document,
    paths,
    definitions: {
      ...definitions,
      PatchOperation: quantityPatch,
      ListingsItemPatchRequest: { ...request, properties },
    },
  }
}

function withForms(operation: Json, isPatch: boolean): Json {
  const { parameters } = operation
  if (!Array.isArray(parameters)) return operation
  return {
    ...operation,
    parameters: (parameters as readonly Json[]).map((one) => ({
      ...one,
      ...(isPatch && one['name'] === 'marketplaceIds' ? oneMarketplace : listingParameters[String(one['name'])]),
    })),
  }
}

/** Amazon: identifiers and their type go together, and the model cannot say so (contract section 3). */
export function amazonListingProblems(template: string, sent: ReadonlySet<string>): readonly string[] {
  if (template !== '/listings/2021-08-01/items/{sellerId}') return []
  return sent.has('identifiers') === sent.has('identifiersType') ? [] : ['identifiers and identifiersType go together']
}

/** Amazon: every set of data is optional in the model of a listing; what a request names in `includedData` is in each listing of its answer. */
export function amazonUnanswered(template: string, query: string, reply: unknown): readonly string[] {
  if (!template.startsWith('/listings/2021-08-01/items/')) return []
  const asked = (new URLSearchParams(query).get('includedData') ?? '').split(',').filter((name) => name !== '')
  const items = template.endsWith('{sku}') ? [reply] : rowsOf(reply, 'items')
  const lacking = asked.filter((name) => items.some((item) => within(item, name) === undefined))
  return lacking.map((name) => `${name} is asked for and not answered`)
}

/** Amazon: optional in the model, for a feed that is not done has none of them. */
const endedWell = ['processingStartTime', 'processingEndTime', 'resultFeedDocumentId']

/** Amazon: what a feed may be called, and what its document is, stand in the documentation (contract section 3). Ids and addresses are opaque. */
export function amazonFeedsModel(document: Json): Json {
  const definitions = document['definitions'] as Readonly<Record<string, Json>>
  const changed: Readonly<Record<string, Json>> = {
    CreateFeedDocumentSpecification: { contentType: { const: 'application/json' } },
    CreateFeedSpecification: {
      feedType: { const: 'JSON_LISTINGS_FEED' },
      marketplaceIds: { type: 'array', minItems: 1, maxItems: 25, uniqueItems: true, items: marketplaceId },
      inputFeedDocumentId: text,
    },
    CreateFeedDocumentResponse: { url: { type: 'string', format: 'uri' } },
    FeedDocument: { url: { type: 'string', format: 'uri' } },
  }
  const feed = definitions['Feed'] as Json
  const notDone = { properties: { processingStatus: { enum: ['CANCELLED', 'FATAL', 'IN_PROGRESS', 'IN_QUEUE'] } } }
  const told = { ...definitions, Feed: { ...feed, anyOf: [notDone, { required: endedWell }] } }
  return {
    ...document,
    definitions: mapValues(told, (definition, name) => {
      const { properties } = definition as Json
      return isObject(properties) ? { ...(definition as Json), properties: { ...properties, ...changed[name] } } : definition
    }),
  }
}

/** Amazon: the schema of a feed with its patches as they must be here. Updates and deletions are never sent (contract section 3). */
function listingsFeed(feed: Json): Json {
  const properties = feed['properties'] as Readonly<Record<string, Json>>
  const messages = properties['messages'] as Json
  const header = properties['header'] as Json
  const message = messages['items'] as Json
  const ours = {
    ...(message['properties'] as Json),
    operationType: { const: 'PATCH' },
    productType,
    patches: { type: 'array', minItems: 1, maxItems: 1, items: quantityPatch },
  }
  return {
    ...feed,
    properties: {
      header: {
        ...header,
        required: ['sellerId', 'version', 'issueLocale'],
        properties: { ...(header['properties'] as Json), sellerId, issueLocale: english },
      },
      messages: { ...messages, items: { ...message, properties: ours } },
    },
  }
}

/**
 * Amazon: documents of feeds lie in a storage behind addresses that replies name; no model has it. What goes in is a feed, what comes out a
 * report, each by its own schema. The query is the storage's signature. It answers errors in XML (contract section 3).
 */
export function amazonFeedDocuments(feed: Json, report: Json): Json {
  const signature = ['X-Amz-Algorithm', 'X-Amz-Date', 'X-Amz-Expires', 'X-Amz-SignedHeaders', 'X-Amz-Signature']
  const inQuery = (name: string, required: boolean) => ({ name, in: 'query', required, schema: text })
  const parameters = [
    { name: 'feedDocumentId', in: 'path', required: true, schema: text },
    ...signature.map((name) => inQuery(name, true)),
    inQuery('response-content-encoding', false),
  ]
  const refused = { content: { 'application/xml': { schema: { $ref: '#/storageError' } } } }
  return {
    paths: {
      '/feed-documents/{feedDocumentId}': {
        put: {
          parameters,
          requestBody: { required: true, content: { 'application/json': { schema: { $ref: '#/feed' } } } },
          responses: { 200: {}, 400: refused, 403: refused },
        },
        get: {
          parameters,
          responses: { 200: { content: { 'application/json': { schema: { $ref: '#/report' } } } }, 403: refused, 404: refused },
        },
      },
    },
    feed: listingsFeed(feed),
    report,
    storageError: {
      type: 'object',
      required: ['Code', 'Message'],
      properties: { Code: text, Message: text, RequestId: text, HeadersNotSigned: text },
    },
  }
}

/** Mirakl: the file is bytes in the model; its columns are prose (contract section 6). Always the whole offer, always an update. */
const stockFile: Json = {
  type: 'array',
  minItems: 2,
  prefixItems: [{ const: ['offer-sku', 'quantity', 'warehouse-code', 'update-delete'] }],
  items: {
    type: 'array',
    minItems: 4,
    items: false,
    prefixItems: [
      { type: 'string', minLength: 1, maxLength: 40, pattern: '^[^/\uFFFD]+$' },
      { type: 'string', pattern: '^(0|[1-9][0-9]{0,9})$' },
      { const: '' },
      { const: '' },
    ],
  },
}

/** Mirakl: the report is bytes too. By the prose of the operation: the number of the line, the reason, and the line as it was sent. */
const errorReport: Json = {
  type: 'array',
  minItems: 1,
  items: { type: 'array', minItems: 2, maxItems: 6, prefixItems: [{}, text] },
}

const binary: ReadonlySet<unknown> = new Set(['binary', undefined])

/** Mirakl: a hand-over without its number could not be followed; the states are a list in a description; an error has a status and words (section 8). */
function miraklReplies(schemas: Json): Json {
  const states = oneOf('WAITING', 'RUNNING', 'COMPLETE', 'FAILED')
  return mapValues(schemas, (schema, name) => {
    if (!isObject(schema)) return schema
    if (name === 'STO01_Response_201') return { ...schema, required: ['import_id'] }
    if (name === 'Error') return { ...schema, required: ['status', 'message'] }
    if (name !== 'STO02_Response_200' && name !== 'StockImport') return schema
    return { ...schema, properties: { ...(schema['properties'] as Json), status: states } }
  })
}

/** Mirakl: both files' stock imports, with what goes in and what comes out. */
export function miraklStock(document: Json): Json {
  const components = document['components'] as Json
  const paths = document['paths'] as Readonly<Record<string, Readonly<Record<string, Json>>>>
  const at = '/api/offers/stock/imports'
  const upload = paths[at]?.['post'] as Json
  const report = paths[`${at}/{import_id}/error_report`]?.['get'] as Json
  const body = { type: 'object', required: ['file'], properties: { file: stockFile } }
  const responses = report['responses'] as Json
  const isBytes = binary.has(within(responses, '200', 'content', 'text/csv', 'schema', 'format'))
  if (!isBytes) throw new Error('Mirakl has a model of its error report by now: hold the stand-in against that')
  return {
    ...document,
    components: { ...components, schemas: miraklReplies(components['schemas'] as Json) },
    paths: {
      ...paths,
      [at]: {
        ...paths[at],
        post: { ...upload, requestBody: { required: true, content: { 'multipart/form-data': { schema: body } } } },
      },
      [`${at}/{import_id}/error_report`]: {
        get: { ...report, responses: { ...responses, 200: { content: { 'text/csv': { schema: errorReport } } } } },
      },
    },
  }
}

function within(node: unknown, ...keys: readonly string[]): unknown {
  return keys.reduce((at, key) => (isObject(at) ? at[key] : undefined), node)
}

/** What must differ from row to row of a body, which a schema cannot say: messages are told apart by number, offers by SKU. */
export function repeatedRows(template: string, body: unknown): readonly string[] {
  if (template === '/api/offers/stock/imports')
    return twice(
      'offer-sku',
      rowsOf(body, 'file').map((row) => valueAt(row, 0)),
    )
  if (template !== '/feed-documents/{feedDocumentId}') return []
  const messages = rowsOf(body, 'messages')
  return ['messageId', 'sku'].flatMap((name) =>
    twice(
      name,
      messages.map((message) => within(message, name)),
    ),
  )
}

function rowsOf(body: unknown, key: string): readonly unknown[] {
  const rows = within(body, key)
  return Array.isArray(rows) ? rows : []
}

function valueAt(row: unknown, i: number): unknown {
  return Array.isArray(row) ? row[i] : undefined
}

function twice(name: string, values: readonly unknown[]): readonly string[] {
  return new Set(values).size === values.length ? [] : [`${name} is there twice`]
}

/** Zoho: lists of words, limits and forms of a query are in descriptions, or in no file at all (contract sections 3 and 4). */
const zohoParameters: Readonly<Record<string, Json>> = {
  page: { type: 'integer', minimum: 1 },
  per_page: { type: 'integer', minimum: 1, maximum: 200 },
  // biome-ignore format: a word list
  filter_by: oneOf(
    'Status.All', 'Status.Active', 'Status.Inactive', 'Status.Lowstock', 'Status.Unmapped', 'Status.Uncategorized', 'Status.Grouped',
    'ItemType.All', 'ItemType.Sales', 'ItemType.Purchases', 'ItemType.SalesAndPurchases', 'ItemType.Inventory', 'ItemType.NonInventory',
    'ItemType.Service',
  ),
  // biome-ignore format: a word list
  sort_column: oneOf(
    'name', 'sku', 'rate', 'purchase_rate', 'created_time', 'last_modified_time', 'reorder_level', 'stock_on_hand',
  ),
  sort_order: oneOf('A', 'D'),
  last_modified_time: { type: 'string', pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[+-][0-9]{4}$' },
  item_ids: { type: 'string', pattern: '^[0-9]{1,19}(,[0-9]{1,19}){0,99}$' },
  item_id: { type: 'string', pattern: '^[0-9]{1,19}$' },
  organization_id: { type: 'string', pattern: '^[0-9]{1,20}$' },
  sku: text,
}

export function zohoWithProse(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(zohoWithProse)
  if (!isObject(node)) return node
  const copy = mapValues(node, zohoWithProse)
  const form = node['in'] === 'query' || node['in'] === 'path' ? zohoParameters[String(node['name'])] : undefined
  return form === undefined ? copy : { ...copy, schema: form }
}
