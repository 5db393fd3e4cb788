import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { parse } from 'yaml'
import {
  amazonWithProse,
  isObject,
  type Json,
  loginWithAmazon,
  mapValues,
  miraklFiles,
  miraklFormats,
  miraklNullForAbsent,
  miraklWithItemsToShip,
  shipStationExtras,
  shipStationShared,
  verbs,
  zohoAccounts,
  zohoItems,
  zohoServed,
} from './slips.ts'
import { channelAdvisorFile, channelAdvisorServed } from './slips-channeladvisor.ts'
import { dscoFile, dscoServed, dscoWithAdded } from './slips-dsco.ts'
import { ebayFiles, ebayIdentity, ebayServed } from './slips-ebay.ts'
import { amazonFeedDocuments, amazonFeedsModel, amazonListingsModel, miraklStock, zohoWithProse } from './slips-stock.ts'
import { ebayTrading } from './slips-trading.ts'

/** The vendors' published models lie beside the repository; a machine without them cannot run the contract tests. */
export const MODELS_FOLDER = fileURLToPath(new URL('../../../shared/contracts/', import.meta.url))
export const MODELS_FOUND = existsSync(MODELS_FOLDER)

/** What a suite that needs the models is called: where they are missing, the name of the skipped suite says so. */
export function titleWithModels(title: string): string {
  return MODELS_FOUND ? title : `NOT CHECKED (no published models at ${MODELS_FOLDER}): ${title}`
}

export interface Parameter {
  readonly name: string
  readonly in: string
  readonly required: boolean
  /** Type, enum, items; references are resolved. */
  readonly schema: Json
  /** A list is sent by repeating the name, not as `a,b`. */
  readonly repeats: boolean
  readonly validate: ValidateFunction
}

export interface Body {
  readonly required: boolean
  readonly contentTypes: readonly string[]
  readonly validate: ValidateFunction
}

/** One operation, as one model file describes it. */
export interface Operation {
  readonly file: string
  /** Upper case. */
  readonly method: string
  /** `/orders/{orderId}` */
  readonly template: string
  readonly parameters: readonly Parameter[]
  readonly body: Body | undefined
  /** By status; undefined where the model has no body for that status. */
  readonly replies: ReadonlyMap<string, ValidateFunction | undefined>
  /** By status, where it is not JSON. */
  readonly replyTypes: ReadonlyMap<string, string>
}

interface Source {
  readonly file: string
  /** As requests must be. */
  readonly requests: Json
  /** As replies must be. */
  readonly replies: Json
}

const JSON_TYPE = 'application/json'

const readers = { json: JSON.parse, yaml: parse } as const

function read(vendor: string, file: string): Json {
  const raw = readFileSync(`${MODELS_FOLDER}${vendor}/specs/${file}`, 'utf8')
  return (file.endsWith('.json') ? readers.json(raw) : readers.yaml(raw)) as Json
}

const amazonFiles = { listings: 'listingsItems_2021-08-01.json', feeds: 'feeds_2021-06-30.json' } as const

/** Orders in both versions, listings, feeds and their documents, tokens, sellers, and Login with Amazon. Objects are closed: it finds misspelt keys. */
export function amazonOperations(): readonly Operation[] {
  const files = ['orders_2026-01-01.json', 'ordersV0.json', 'tokens_2021-03-01.json', 'sellers.json']
  const published = files.flatMap((file) => operationsOf(source(file, amazonModel(file))))
  const stock = [
    source(amazonFiles.listings, close(amazonListingsModel(read('amazon', amazonFiles.listings))) as Json),
    source(amazonFiles.feeds, close(amazonFeedsModel(read('amazon', amazonFiles.feeds))) as Json),
    source('feed-documents', close(amazonDocuments()) as Json),
  ]
  return [
    ...published,
    ...stock.flatMap(operationsOf),
    ...operationsOf(source('login-with-amazon', close(loginWithAmazon) as Json)),
  ]
}

function amazonDocuments(): Json {
  const [feed, report] = ['listings-feed-schema-v2.json', 'listings-feed-processing-report-schema-v2.json'].map((file) =>
    read('amazon', file),
  )
  if (feed === undefined || report === undefined) throw new Error('no schemas of feeds')
  return amazonFeedDocuments(feed, report)
}

/** Every `GET /path/{id}` of one model file, as it stands there: from where its server's address ends. */
export function publishedPaths(vendor: string, file: string): readonly string[] {
  return Object.entries(read(vendor, file)['paths'] as Json).flatMap(([template, path]) =>
    Object.keys(path as Json).flatMap((verb) => (verbs.has(verb) ? [`${verb.toUpperCase()} ${template}`] : [])),
  )
}

/** The definitions of one of Amazon's model files, by name. */
export function amazonDefinitions(file: string): (name: string) => ValidateFunction {
  const compile = compilerOf(file, amazonModel(file))
  return (name) => compile(`#/definitions/${name}`)
}

function amazonModel(file: string): Json {
  return close(amazonWithProse(read('amazon', file))) as Json
}

/** The vendor's file, closed, and what it leaves out, open: that one holds only what isync uses. */
export function miraklOperations(): readonly Operation[] {
  const vendor = miraklStock(read('mirakl', miraklFiles.vendor))
  const added = miraklStock(miraklWithItemsToShip(read('mirakl', miraklFiles.added)))
  return [
    ...operationsOf({
      file: miraklFiles.vendor,
      requests: close(vendor) as Json,
      replies: close(miraklNullForAbsent(vendor)) as Json,
    }),
    ...operationsOf({ file: miraklFiles.added, requests: added, replies: miraklNullForAbsent(added) as Json }),
  ]
}

export function shipStationOperations(): readonly Operation[] {
  const file = 'shipstation-v1.openapi.yaml'
  const document = read('shipstation', file)
  const paths = mapValues(document['paths'] as Json, (path) =>
    mapValues(path as Json, (one, verb) =>
      verbs.has(verb) && isObject(one) ? { ...one, responses: { ...shipStationShared, ...(one['responses'] as Json) } } : one,
    ),
  )
  const components = document['components'] as Json
  const schemas = mapValues(components['schemas'] as Json, (schema, name) =>
    isObject(schema) && shipStationExtras[name] !== undefined
      ? { ...schema, properties: { ...(schema['properties'] as Json), ...shipStationExtras[name] } }
      : schema,
  )
  const complete = { ...document, paths, components: { ...components, schemas } }
  return operationsOf({ file, requests: close(withoutReadOnly(complete)) as Json, replies: close(complete) as Json })
}

/** Items, places, organizations, and the tokens that no file has. */
export function zohoOperations(): readonly Operation[] {
  const files = ['items', 'locations', 'organizations'].map((name) => `inventory-${name}.vendor.yml`)
  const published = files.flatMap((file) => {
    const document = read('zoho', file)
    const complete = zohoWithProse(zohoServed(file.includes('items') ? zohoItems(document) : document))
    return operationsOf(source(file, close(complete) as Json))
  })
  return [...published, ...operationsOf(source('zoho-accounts', close(zohoAccounts) as Json))]
}

/** Orders and stock of the REST side and the read-out of quotas; and what no file has: tokens, and the calls of the Trading API. */
export function ebayOperations(): readonly Operation[] {
  const published = ebayFiles.flatMap((file) => operationsOf(source(file, close(ebayServed(read('ebay', file))) as Json)))
  const unpublished = [source('ebay-identity', close(ebayIdentity) as Json), source('ebay-trading', close(ebayTrading) as Json)]
  return [...published, ...unpublished.flatMap(operationsOf)]
}

/** Orders, streams, inventory, warehouses and tokens of Rithum's Dsco. */
export function dscoOperations(): readonly Operation[] {
  const served = dscoServed(read('rithum', dscoFile))
  return operationsOf({ file: dscoFile, requests: close(served) as Json, replies: close(dscoWithAdded(served)) as Json })
}

/** Orders, fulfillments, quantities, batches and tokens of Rithum's ChannelAdvisor. */
export function channelAdvisorOperations(): readonly Operation[] {
  return operationsOf(source(channelAdvisorFile, close(channelAdvisorServed(read('rithum', channelAdvisorFile))) as Json))
}

/** Twilio's messages. Its own examples have relative addresses where it says that they are whole ones. */
export function twilioOperations(): readonly Operation[] {
  const file = 'messages_v2010.json'
  let text = JSON.stringify(read('twilio', file)).replaceAll('"format":"uri-map"', '"minProperties":1')
  for (const [format, pattern] of Object.entries(twilioFormats))
    text = text.replaceAll(`"format":"${format}"`, `"pattern":${JSON.stringify(pattern)}`)
  return operationsOf(source(file, close(JSON.parse(text)) as Json))
}

const twilioFormats = {
  uri: '^(https:/)?/[^ ]+$',
  'phone-number': '^[+][1-9][0-9]{6,14}$',
  'date-time-rfc-2822': '^[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9]{2}:[0-9]{2}:[0-9]{2} [+-][0-9]{4}$',
  currency: '^[A-Z]{3}$',
} as const

function source(file: string, document: Json): Source {
  return { file, requests: document, replies: document }
}

/** Objects with known properties get no others. What lies in an allOf is closed once, around all its parts. */
function close(node: unknown): unknown {
  const parts = new Set<string>()
  function collect(each: unknown): void {
    if (Array.isArray(each)) each.forEach(collect)
    if (!isObject(each)) return
    if (Array.isArray(each['allOf'])) for (const part of each['allOf']) if (isObject(part)) parts.add(String(part['$ref']))
    Object.values(each).forEach(collect)
  }
  function closed(each: unknown, at: string, inAllOf = false): unknown {
    if (Array.isArray(each)) return each.map((item, i) => closed(item, `${at}/${i}`, inAllOf))
    if (!isObject(each)) return each
    const copy = mapValues(each, (value, key) => closed(value, `${at}/${key}`, key === 'allOf'))
    if (inAllOf || parts.has(at)) return copy
    if (Array.isArray(each['allOf'])) return { ...copy, unevaluatedProperties: false }
    return isClosable(each) ? { ...copy, additionalProperties: false } : copy
  }
  collect(node)
  return closed(node, '#')
}

function isClosable(schema: Json): boolean {
  const types = [schema['type']].flat()
  return types.includes('object') && isObject(schema['properties']) && !isObject(schema['additionalProperties'])
}

/** What only the vendor may set is none of a request's keys. */
function withoutReadOnly(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutReadOnly)
  if (!isObject(node)) return node
  return node['readOnly'] === true ? false : mapValues(node, withoutReadOnly)
}

/** Compiles what a pointer such as `#/definitions/Order` leads to. */
function compilerOf(file: string, document: Json): (pointer: string) => ValidateFunction {
  const ajv = new Ajv2020({ strict: false, allErrors: true, inlineRefs: false, validateSchema: false })
  addFormats.default(ajv)
  for (const format of miraklFormats) ajv.addFormat(format, { type: 'number', validate: () => true })
  ajv.addSchema({ ...document, $id: file }, file)
  const compiled = new Map<string, ValidateFunction>()
  return (pointer) => {
    const known = compiled.get(pointer) ?? ajv.compile({ $ref: `${file}${encodeURI(pointer)}` })
    compiled.set(pointer, known)
    return known
  }
}

/** Swagger 2.0 and OpenAPI 3.x alike. */
function operationsOf({ file, requests, replies }: Source): readonly Operation[] {
  const compileRequest = compilerOf(file, requests)
  const compileReply = replies === requests ? compileRequest : compilerOf(`reply:${file}`, replies)
  const found: Operation[] = []
  for (const [template, path] of Object.entries(requests['paths'] as Json)) {
    for (const [verb, operation] of Object.entries(path as Json)) {
      if (!verbs.has(verb) || !isObject(operation)) continue
      const at = `#/paths/${escaped(template)}/${verb}`
      const body = once(() => bodyOf(requests, at, compileRequest))
      const answers = once(() => repliesOf(replies, at, compileReply))
      const answerTypes = once(() => replyTypesOf(replies, at))
      found.push({
        file,
        method: verb.toUpperCase(),
        template,
        parameters: [
          ...parametersOf(requests, `#/paths/${escaped(template)}/parameters`, compileRequest),
          ...parametersOf(requests, `${at}/parameters`, compileRequest),
        ],
        get body() {
          return body()
        },
        get replies() {
          return answers()
        },
        get replyTypes() {
          return answerTypes()
        },
      })
    }
  }
  return found
}

/** Worked out when it is asked for the first time. */
function once<T>(work: () => T): () => T {
  let done: { readonly value: T } | undefined
  return () => {
    done ??= { value: work() }
    return done.value
  }
}

/** For schemas that refer to nothing. */
const ofParameters = new Ajv2020({ strict: false, allErrors: true })
addFormats.default(ofParameters)

type Compile = (pointer: string) => ValidateFunction

function parametersOf(document: Json, at: string, compile: Compile): Parameter[] {
  const listed = valueAt(document, at)
  if (!Array.isArray(listed)) return []
  const located = listed.map((_, i) => followed(document, `${at}/${i}`))
  return located.flatMap(({ pointer, value }) => {
    if (value['in'] !== 'query' && value['in'] !== 'path') return []
    // Swagger 2.0 keeps the schema's keywords in the parameter itself, beside a `required` of another meaning.
    const inline = value['schema'] === undefined
    const schema = inline ? omit(value, 'required') : followed(document, `${pointer}/schema`).value
    return [
      {
        name: String(value['name']),
        in: String(value['in']),
        required: value['required'] === true,
        schema,
        repeats: inline ? value['collectionFormat'] === 'multi' : value['explode'] !== false,
        get validate() {
          return inline ? ofParameters.compile(schema) : compile(`${pointer}/schema`)
        },
      },
    ]
  })
}

function bodyOf(document: Json, at: string, compile: Compile): Body | undefined {
  const listed = valueAt(document, `${at}/parameters`)
  const index = Array.isArray(listed) ? listed.findIndex((one) => isObject(one) && one['in'] === 'body') : -1
  if (index >= 0) {
    const required = valueAt(document, `${at}/parameters/${index}/required`) === true
    return { required, contentTypes: ['application/json'], validate: compile(`${at}/parameters/${index}/schema`) }
  }
  if (valueAt(document, `${at}/requestBody`) === undefined) return undefined
  const { pointer, value } = followed(document, `${at}/requestBody`)
  const contentTypes = Object.keys(value['content'] as Json)
  const schema = `${pointer}/content/${escaped(contentTypes[0] ?? '')}/schema`
  return { required: value['required'] === true, contentTypes, validate: compile(schema) }
}

function repliesOf(document: Json, at: string, compile: Compile): ReadonlyMap<string, ValidateFunction | undefined> {
  const statuses = Object.keys(valueAt(document, `${at}/responses`) as Json)
  return new Map(
    statuses.map((status) => {
      const { pointer, value } = followed(document, `${at}/responses/${status}`)
      if (value['schema'] !== undefined) return [status, compile(`${pointer}/schema`)]
      const inBody = `${pointer}/content/${escaped(typeOf(value))}/schema`
      return [status, valueAt(document, inBody) === undefined ? undefined : compile(inBody)]
    }),
  )
}

function replyTypesOf(document: Json, at: string): ReadonlyMap<string, string> {
  const statuses = Object.keys(valueAt(document, `${at}/responses`) as Json)
  const types = statuses.map((status) => [status, typeOf(followed(document, `${at}/responses/${status}`).value)] as const)
  return new Map(types.filter(([, type]) => type !== JSON_TYPE))
}

/** JSON, unless there is something else and no JSON. */
function typeOf({ content }: Json): string {
  const types = isObject(content) ? Object.keys(content) : []
  return types.includes(JSON_TYPE) ? JSON_TYPE : (types[0] ?? JSON_TYPE)
}

/** The object that a pointer leads to, through references. */
function followed(document: Json, pointer: string): { readonly pointer: string; readonly value: Json } {
  const value = valueAt(document, pointer)
  if (!isObject(value)) throw new Error(`no object at ${pointer}`)
  return typeof value['$ref'] === 'string' ? followed(document, value['$ref']) : { pointer, value }
}

function valueAt(document: unknown, pointer: string): unknown {
  let at: unknown = document
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~')
    at = Array.isArray(at) ? at[Number(key)] : isObject(at) ? at[key] : undefined
  }
  return at
}

function omit(node: Json, key: string): Json {
  return Object.fromEntries(Object.entries(node).filter(([name]) => name !== key))
}

function escaped(part: string): string {
  return part.replaceAll('~', '~0').replaceAll('/', '~1')
}
