import { compareScalars } from './odata-compare.ts'
import { type Predicate, readFilter } from './odata-filter.ts'
import { fieldOf, type Kind, QueryMistake } from './odata-kind.ts'

/** Which properties an entity shows and which collections it brings along. */
export interface Shape {
  readonly select: readonly string[] | undefined
  readonly expand: ReadonlyMap<string, Shape>
  /** As it was asked for, for the links to the rest of a collection: `$expand=Promotions&$select=Sku`. */
  readonly options: string
}

export interface Query {
  readonly shape: Shape
  readonly filter: Predicate | undefined
  readonly order: ((a: unknown, b: unknown, now: number) => number) | undefined
  readonly skip: number
  readonly top: number | undefined
  readonly count: boolean
}

const LISTED = ['$filter', '$expand', '$select', '$orderby', '$count', '$skip', '$top']

/** The query options of a list, or of one entity (which knows $expand and $select only). Throws a QueryMistake. */
export function readQuery(query: URLSearchParams, kind: Kind<unknown>, isList: boolean): Query {
  const known = isList ? LISTED : ['$expand', '$select']
  for (const name of query.keys()) {
    if (name.startsWith('$') && !known.includes(name)) throw new QueryMistake(`The query parameter '${name}' is not supported.`)
    if (query.getAll(name).length > 1) throw new QueryMistake(`Query option '${name}' was specified more than once.`)
  }
  const filter = query.get('$filter')
  const orderby = query.get('$orderby')
  const count = query.get('$count')
  if (count !== null && count !== 'true' && count !== 'false') throw new QueryMistake(`'${count}' is not a valid $count.`)
  return {
    shape: readShape({ select: query.get('$select'), expand: query.get('$expand') }, kind),
    filter: filter === null ? undefined : readFilter(filter, kind),
    order: orderby === null ? undefined : readOrder(orderby, kind),
    skip: readCount(query, '$skip') ?? 0,
    top: readCount(query, '$top'),
    count: count === 'true',
  }
}

function readCount(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null) return undefined
  if (!/^\d{1,9}$/.test(text)) throw new QueryMistake(`Invalid value '${text}' for ${name} query option found.`)
  return Number(text)
}

function readShape(asked: { readonly select: string | null; readonly expand: string | null }, kind: Kind<unknown>): Shape {
  const select = asked.select?.split(',').map((name) => name.trim())
  const wanted = select?.filter((name) => name !== '*')
  for (const name of wanted ?? []) if (!Object.hasOwn(kind.links, name)) fieldOf(kind, name)
  const expand = new Map<string, Shape>()
  for (const part of partsOf(asked.expand ?? '', ',')) {
    const [, name = '', options = ''] = /^\s*(\w+)\s*(?:\(([\s\S]*)\))?\s*$/.exec(part) ?? []
    const link = Object.hasOwn(kind.links, name) ? kind.links[name] : undefined
    if (link === undefined) throw new QueryMistake(`Could not find a property named '${name || part}' on type '${kind.set}'.`)
    expand.set(name, readNested(options, link.to()))
  }
  const options = [
    ...(asked.expand === null ? [] : [`$expand=${encodeURIComponent(asked.expand)}`]),
    ...(asked.select === null ? [] : [`$select=${encodeURIComponent(asked.select)}`]),
  ]
  return { select: select?.includes('*') === true ? undefined : wanted, expand, options: options.join('&') }
}

/** What stands in the parentheses after an expanded collection, separated by semicolons. */
function readNested(text: string, kind: Kind<unknown>): Shape {
  const options = new Map(
    partsOf(text, ';').map((part) => {
      const mark = part.indexOf('=')
      const name = part.slice(0, Math.max(0, mark)).trim()
      if (name !== '$expand' && name !== '$select') throw new QueryMistake(`Term '${part}' is not valid in a $select or $expand.`)
      return [name, part.slice(mark + 1)]
    }),
  )
  return readShape({ select: options.get('$select') ?? null, expand: options.get('$expand') ?? null }, kind)
}

/** Splits outside of parentheses only. */
function partsOf(text: string, separator: string): readonly string[] {
  const parts: string[] = []
  let depth = 0
  let from = 0
  for (let at = 0; at <= text.length; at += 1) {
    const sign = text[at]
    if (sign === '(') depth += 1
    if (sign === ')') depth -= 1
    const ends = sign === undefined || (sign === separator && depth === 0)
    if (!ends) continue
    parts.push(text.slice(from, at))
    from = at + 1
  }
  if (depth !== 0) throw new QueryMistake('Found an unbalanced bracket expression.')
  return parts.filter((part) => part.trim() !== '')
}

function readOrder(text: string, kind: Kind<unknown>): (a: unknown, b: unknown, now: number) => number {
  const keys = text.split(',').map((part) => {
    const [name = '', direction = 'asc', ...rest] = part.trim().split(/\s+/)
    if (rest.length > 0 || (direction !== 'asc' && direction !== 'desc'))
      throw new QueryMistake(`Syntax error in $orderby '${part}'.`)
    return { field: fieldOf(kind, name), sign: direction === 'desc' ? -1 : 1 }
  })
  return (a, b, now) => {
    for (const { field, sign } of keys) {
      const order = sign * compareScalars(field.type, field.of(a, now), field.of(b, now))
      if (order !== 0) return order
    }
    return 0
  }
}
