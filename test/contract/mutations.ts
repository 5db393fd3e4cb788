import { documentText, readBody } from './bodies.ts'
import type { Exchange } from './check.ts'
import { isObject, type Json } from './slips.ts'

/** A request with one thing changed. */
export interface Mutant {
  /** `body messages.0.sku: dropped` */
  readonly what: string
  readonly exchange: Exchange
}

interface Change {
  readonly what: string
  readonly value: unknown
}

/** Of a long list so many are changed: they are all alike. */
const ELEMENTS = 2
const NONSENSE = '§'

/**
 * Every request that differs from this one in one field: left out, misspelt, of another type, empty, out of its range. `template` is the path of its
 * operation, `/api/orders/{order_id}`.
 */
export function mutantsOf(exchange: Exchange, template: string): readonly Mutant[] {
  return [...ofPath(exchange, template), ...ofQuery(exchange), ...ofBody(exchange)]
}

function ofPath(exchange: Exchange, template: string): readonly Mutant[] {
  const names = template.split('/')
  return names.flatMap((name, i) => {
    if (!name.includes('{')) return []
    const other = name.replace(/\{[^}]+\}/, encodeURIComponent(NONSENSE))
    const path = exchange.path.split('/').with(i, other).join('/')
    return [{ what: `path ${name}: nonsense`, exchange: { ...exchange, path } }]
  })
}

function ofQuery(exchange: Exchange): readonly Mutant[] {
  const sent = [...new URLSearchParams(exchange.query)]
  return sent.flatMap(([name, value], i) => {
    const other = (...parts: readonly (readonly [string, string])[]) =>
      textOf([...sent.slice(0, i), ...parts, ...sent.slice(i + 1)])
    const changed: readonly (readonly [string, string])[] = [
      ['dropped', other()],
      ['misspelt', other([`${name}s`, value])],
      ['twice', other([name, value], [name, value])],
      ['emptied', other([name, ''])],
      ['nonsense', other([name, NONSENSE])],
      ...(/^\d+$/.test(value) ? [['negative', other([name, '-1'])] as const] : []),
    ]
    return changed.map(([what, query]) => ({ what: `query ${name}: ${what}`, exchange: { ...exchange, query } }))
  })
}

function textOf(parameters: readonly (readonly [string, string])[]): string {
  const query = new URLSearchParams()
  for (const [name, value] of parameters) query.append(name, value)
  return query.toString()
}

function ofBody(exchange: Exchange): readonly Mutant[] {
  const { requestBody, requestType = '' } = exchange
  if (requestBody === '') return []
  const write = writerOf(requestType, requestBody)
  return changesOf(readBody(requestType, requestBody), write.onlyText).map(({ what, value }) => ({
    what: `body ${what}`,
    exchange: { ...exchange, requestBody: write.text(value) },
  }))
}

interface Writer {
  /** Fields are text there; a number cannot be told from one. */
  readonly onlyText: boolean
  text(value: unknown): string
}

function writerOf(contentType: string, original: string): Writer {
  if (contentType.startsWith('multipart/form-data')) return { onlyText: true, text: (value) => formText(original, value) }
  if (contentType.startsWith('text/xml')) return { onlyText: true, text: documentText }
  if (!contentType.startsWith('application/x-www-form-urlencoded'))
    return { onlyText: false, text: (value) => JSON.stringify(value) }
  return { onlyText: true, text: (value) => new URLSearchParams(value as Record<string, string>).toString() }
}

/** The same form with another name of its part, or another table in it. */
function formText(original: string, value: unknown): string {
  const [[name = '', rows] = []] = Object.entries(value as Json)
  const [, head = '', end = ''] = /^([\s\S]*?\r\n\r\n)[\s\S]*?(\r\n--[^\r\n]*--\r\n)$/.exec(original) ?? []
  if (name === '') return `${head.split('\r\n')[0]}--\r\n`
  const table = Array.isArray(rows) ? (rows as readonly unknown[]).map(lineOf).join('') : String(rows)
  return `${head.replace('name="file"', `name="${name}"`)}${table}${end}`
}

function lineOf(cells: unknown): string {
  const list: readonly unknown[] = Array.isArray(cells) ? cells : [cells]
  return `${list.map((cell) => `"${String(cell).replaceAll('"', '""')}"`).join(';')}\n`
}

function changesOf(value: unknown, onlyText: boolean): readonly Change[] {
  if (typeof value === 'string')
    return [
      { what: 'emptied', value: '' },
      { what: 'nonsense', value: NONSENSE },
      { what: 'negative', value: '-1' },
      ...(onlyText ? [] : [{ what: 'a number', value: 1 }]),
    ]
  if (typeof value === 'number')
    return [
      { what: 'a text', value: String(value) },
      { what: 'negative', value: -1 },
      { what: 'a fraction', value: value + 0.5 },
    ]
  if (Array.isArray(value)) return ofList(value, onlyText)
  return isObject(value) ? ofObject(value, onlyText) : []
}

function ofList(list: readonly unknown[], onlyText: boolean): readonly Change[] {
  const inside = list
    .slice(0, ELEMENTS)
    .flatMap((element, i) =>
      changesOf(element, onlyText).map(({ what, value }) => ({ what: `${i}.${what}`, value: list.with(i, value) })),
    )
  return [
    { what: 'emptied', value: [] },
    { what: 'its last one twice', value: [...list, list.at(-1)] },
    ...(onlyText ? [] : [{ what: 'an object', value: {} }]),
    ...inside,
  ]
}

function ofObject(object: Json, onlyText: boolean): readonly Change[] {
  return Object.entries(object).flatMap(([key, own]) => {
    const { [key]: _, ...others } = object
    const inside = changesOf(own, onlyText).map(({ what, value }) => ({
      what: `${key}.${what}`,
      value: { ...object, [key]: value },
    }))
    const changed = [
      { what: `${key}.dropped`, value: others },
      { what: `${key}.misspelt`, value: { ...others, [`${key}s`]: own } },
      ...inside,
    ]
    return onlyText ? changed : [...changed, { what: `${key}.null`, value: { ...object, [key]: null } }]
  })
}
