import type { ValidateFunction } from 'ajv'
import type { JournalEntry, Vendor } from '../../src/sandbox/stand-in.ts'
import { readBody } from './bodies.ts'
import {
  amazonOperations,
  channelAdvisorOperations,
  dscoOperations,
  ebayOperations,
  miraklOperations,
  type Operation,
  type Parameter,
  shipStationOperations,
  zohoOperations,
} from './models.ts'
import { amazonSearchProblems, miraklCommaLists } from './slips.ts'
import { amazonListingProblems, amazonUnanswered, repeatedRows } from './slips-stock.ts'

/** A vendor without models here has its own tests. */
export type Models = Readonly<Partial<Record<Vendor, readonly Operation[]>>>

/** A journal entry with the content type of its request, where it is known. */
export interface Exchange extends JournalEntry {
  readonly requestType?: string
}

export interface Verdict {
  /** `GET /orders/{orderId}`; undefined: no model has such an operation. */
  readonly operation: string | undefined
  /** Empty when both sides keep to the model. */
  readonly problems: readonly string[]
}

/** Each vendor's are read when its first exchange is judged: it takes seconds, and most tests need a few. */
export function loadModels(): Models {
  const models: Models = {}
  for (const [vendor, read] of Object.entries(readers)) {
    let operations: readonly Operation[] | undefined
    Object.defineProperty(models, vendor, {
      enumerable: true,
      get() {
        operations ??= read()
        return operations
      },
    })
  }
  return models
}

const readers: Readonly<Partial<Record<Vendor, () => readonly Operation[]>>> = {
  amazon: amazonOperations,
  mirakl: miraklOperations,
  shipstation: shipStationOperations,
  zoho: zohoOperations,
  ebay: ebayOperations,
  dsco: dscoOperations,
  channeladvisor: channelAdvisorOperations,
}

const verdicts = new WeakMap<Models, WeakMap<Exchange, Verdict>>()

/**
 * Holds one exchange against its vendor's models. What a fault has distorted is not the stand-in's own reply: its request alone counts.
 * The same exchange is held against the same models once, however often it is asked for.
 */
export function judge(models: Models, exchange: Exchange): Verdict {
  const known = verdicts.get(models) ?? new WeakMap<Exchange, Verdict>()
  verdicts.set(models, known)
  const verdict = known.get(exchange) ?? verdictOn(models, exchange)
  known.set(exchange, verdict)
  return verdict
}

function verdictOn(models: Models, exchange: Exchange): Verdict {
  const found = matching(models[exchange.vendor] ?? [], exchange)
  const [first] = found
  if (first === undefined) return { operation: undefined, problems: [`no model has ${exchange.method} ${exchange.path}`] }
  const problems = [
    ...pathProblems(found, exchange),
    ...queryProblems(found, exchange),
    ...requestProblems(found, exchange),
    ...(exchange.fault === undefined ? replyProblems(found, exchange) : []),
  ]
  return { operation: `${first.method} ${first.template}`, problems }
}

/** A path spelt out goes before one with a parameter in it. Several files may have the same operation. */
function matching(operations: readonly Operation[], { method, path }: Exchange): readonly Operation[] {
  const fitting = operations.filter((one) => one.method === method && shapeOf(one.template).test(path))
  const exact = fitting.filter((one) => one.template === path)
  return exact.length > 0 ? exact : fitting
}

const shapes = new Map<string, RegExp>()

function shapeOf(template: string): RegExp {
  const known = shapes.get(template)
  if (known !== undefined) return known
  const literal = template.replace(/[.*+?^$()|[\]\\]/g, '\\$&')
  const shape = new RegExp(`^${literal.replace(/\{[^}]+\}/g, '([^/]+)')}$`)
  shapes.set(template, shape)
  return shape
}

function pathProblems(found: readonly Operation[], { path }: Exchange): readonly string[] {
  return found.flatMap((operation) => {
    const names = [...operation.template.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name)
    const values = shapeOf(operation.template).exec(path)?.slice(1) ?? []
    return names.flatMap((name, i) => {
      const parameter = operation.parameters.find((one) => one.in === 'path' && one.name === name)
      if (parameter === undefined) return [`${operation.file}: path parameter ${name} is in no model`]
      return parameterProblems(operation, parameter, [decodeURIComponent(values[i] ?? '')])
    })
  })
}

function queryProblems(found: readonly Operation[], { query }: Exchange): readonly string[] {
  const sent = new URLSearchParams(query)
  const known = found.flatMap((operation) =>
    operation.parameters.filter((one) => one.in === 'query').map((parameter) => ({ operation, parameter })),
  )
  const names = new Set(known.map(({ parameter }) => parameter.name))
  const strangers = [...new Set(sent.keys())].filter((name) => !names.has(name)).map((name) => `query ${name} is in no model`)
  const wrong = known.flatMap(({ operation, parameter }) => {
    const values = sent.getAll(parameter.name)
    if (values.length > 0) return parameterProblems(operation, parameter, values)
    return parameter.required ? [`${operation.file}: query ${parameter.name} is missing`] : []
  })
  const keys = new Set(sent.keys())
  const unsaid = found.flatMap(({ template }) => [
    ...amazonSearchProblems(template, keys),
    ...amazonListingProblems(template, keys),
  ])
  return [...strangers, ...wrong, ...unsaid]
}

function parameterProblems({ file }: Operation, parameter: Parameter, values: readonly string[]): readonly string[] {
  const { name, schema, repeats } = parameter
  const isList = schema['type'] === 'array'
  if (values.length > 1 && !(isList && repeats)) return [`${file}: ${name} is sent ${values.length} times`]
  const [single = ''] = values
  if (isList) {
    const items = (repeats ? values : single.split(',')).map((text) => typed(text, schema['items']))
    return complaints(`${file}: ${name}`, parameter.validate, items)
  }
  const each = miraklCommaLists.has(name) ? single.split(',') : [single]
  return each.flatMap((text) => complaints(`${file}: ${name}`, parameter.validate, typed(text, schema)))
}

/** What a text on the wire stands for; a text that does not fit its type stays one and is refused as such. */
function typed(text: string, schema: unknown): unknown {
  const type = (schema as { readonly type?: unknown } | undefined)?.type
  if ((type === 'integer' || type === 'number') && /^-?\d+(\.\d+)?$/.test(text)) return Number(text)
  if (type === 'boolean' && /^(true|false)$/.test(text)) return text === 'true'
  return text
}

function requestProblems(found: readonly Operation[], { requestBody, requestType }: Exchange): readonly string[] {
  const described = found.flatMap(({ file, template, body }) => (body === undefined ? [] : [{ file, template, body }]))
  if (requestBody === '') return described.filter(({ body }) => body.required).map(({ file }) => `${file}: the body is missing`)
  if (described.length === 0) return ['a body is sent where no model has one']
  return described.flatMap(({ file, template, body }) => {
    const bare = requestType?.split(';')[0]?.trim()
    const type = bare === undefined || body.contentTypes.includes(bare) ? [] : [`${file}: the body is sent as ${bare}`]
    const [described = ''] = body.contentTypes
    const value = readBody(type.length > 0 ? described : (requestType ?? described), requestBody)
    if (value === undefined) return [...type, `${file}: the body is not ${nameOf(described)}`]
    return [...type, ...complaints(`${file}: request`, body.validate, value), ...repeatedRows(template, value)]
  })
}

function nameOf(contentType: string): string {
  return contentType === 'application/json' ? 'JSON' : contentType
}

function replyProblems(found: readonly Operation[], { status, query, replyBody, contentType }: Exchange): readonly string[] {
  const describing = found.filter(({ replies }) => replies.has(String(status)))
  if (describing.length === 0) return [`no model has a reply ${status}`]
  return describing.flatMap(({ file, template, replies, replyTypes }) => {
    const validate = replies.get(String(status))
    if (validate === undefined) return []
    const wanted = replyTypes.get(String(status)) ?? 'application/json'
    const [sent = ''] = contentType.split(';')
    if (sent.trim().toLowerCase() !== wanted) return [`${file}: reply ${status} is sent as '${contentType}'`]
    const value = readBody(wanted, replyBody)
    if (value === undefined) return [`${file}: reply ${status} is not ${nameOf(wanted)}`]
    const unanswered = status === 200 ? amazonUnanswered(template, query, value) : []
    return [...complaints(`${file}: reply ${status}`, validate, value), ...unanswered]
  })
}

function complaints(what: string, validate: ValidateFunction, value: unknown): readonly string[] {
  if (validate(value)) return []
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${what}${instancePath} ${message} ${JSON.stringify(params)}`,
  )
}
