import type { SandboxReply } from '../stand-in.ts'
import { reader } from './compact.ts'
import { fail, isRecord, type Json } from './wire.ts'

/**
 * Answers that a client must not believe:
 * - `empty-page`: no items although more pages are announced
 * - `short-page`: the second half of the page is missing and no more is announced
 * - `half`: every second item of the page is missing, the rest as always
 * - `zeros`: every stock number is 0
 * - `no-items`: a body without `items`; `html`: 200 and a page for people; `error`: 200 and a code that is not 0
 */
const HOW = ['empty-page', 'short-page', 'half', 'zeros', 'no-items', 'html', 'error'] as const
const ON = ['items', 'itemdetails'] as const

export interface Odd {
  readonly how: (typeof HOW)[number]
  readonly on: (typeof ON)[number]
  /** Only this page of the list. */
  readonly page: number | undefined
  left: number
}

/** `{ how, on?: 'items' | 'itemdetails', page?, times? }`; once, unless `times` says otherwise. */
export function readOdd(document: unknown): Odd {
  const given = reader('answer', document, ['how', 'on', 'page', 'times'])
  const how = given.oneOf('how', HOW)
  if (how === undefined) throw new Error(`answer: name how: ${HOW.join(', ')}`)
  return { how, on: given.oneOf('on', ON) ?? 'items', page: given.count('page'), left: given.count('times') ?? 1 }
}

/** The odd answer that is due for this call, counted as given. */
export function takeOdd(odd: readonly Odd[], on: Odd['on'], page: number): Odd | undefined {
  const found = odd.find((one) => one.on === on && one.left > 0 && (one.page === undefined || one.page === page))
  if (found !== undefined) found.left -= 1
  return found
}

/** `compose` makes the reply: with which rows (undefined: without the key), and what is said of more pages (undefined: the truth). */
export function distortList(
  odd: Odd | undefined,
  rows: readonly Json[],
  compose: (rows: readonly Json[] | undefined, hasMore?: boolean) => SandboxReply,
): SandboxReply {
  switch (odd?.how) {
    case undefined:
      return compose(rows)
    case 'empty-page':
      return compose([], true)
    case 'short-page':
      return compose(rows.slice(0, Math.floor(rows.length / 2)), false)
    case 'half':
      return compose(rows.filter((_, i) => i % 2 === 0))
    case 'zeros':
      return compose(rows.map(withoutStock))
    case 'no-items':
      return compose(undefined)
    case 'html':
      return {
        status: 200,
        headers: { 'content-type': 'text/html; charset=utf-8' },
        body: '<!DOCTYPE html>\n<html><head><title>Zoho</title></head><body><h1>Service is being updated</h1></body></html>\n',
      }
    case 'error':
      return { ...fail(200, 1000, 'Sorry, an internal error has occurred. Please try again later.') }
  }
}

/** Stock fields by name, at the item and at its places. */
function withoutStock(row: Json): Json {
  const entries = Object.entries(row).map(([name, value]): [string, unknown] => {
    if (/stock/.test(name) && (typeof value === 'number' || typeof value === 'string'))
      return [name, typeof value === 'string' ? '0.00' : 0]
    return [name, Array.isArray(value) ? value.map((each: unknown) => (isRecord(each) ? withoutStock(each) : each)) : value]
  })
  return Object.fromEntries(entries)
}
