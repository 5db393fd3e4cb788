import { reader } from './compact.ts'
import { lineIdOf, type Order, type Package } from './order.ts'

/** `[{tracking?, carrier?, shipped_at?, lines?: {OrderLineItemID or position from 1: units}}]`; without lines everything is in it. */
export function readPackages(where: string, documents: readonly unknown[], order: Order): readonly Package[] {
  return documents.map((document, i) => {
    const place = `${where}.packages[${i}]`
    const given = reader(place, document, ['tracking', 'carrier', 'shipped_at', 'lines'])
    const tracking = given.text('tracking')
    return {
      id: tracking ?? '999',
      tracking,
      carrier: tracking === undefined ? undefined : (given.text('carrier') ?? 'USPS'),
      shippedAt: given.time('shipped_at') ?? order.updatedAt,
      contents: given.has('lines') ? readContents(place, given.object('lines') ?? {}, order) : everythingIn(order),
      by: 'seed',
    }
  })
}

export function everythingIn(order: Order): ReadonlyMap<string, number> {
  return new Map(order.lines.map((line) => [lineIdOf(line), line.quantity]))
}

function readContents(where: string, lines: object, order: Order): ReadonlyMap<string, number> {
  return new Map(
    Object.entries(lines).map(([key, units]: [string, unknown]) => {
      const line = order.lines.find((each, i) => lineIdOf(each) === key || String(i + 1) === key)
      if (line === undefined) throw new Error(`${where}.lines: no line '${key}'`)
      if (typeof units !== 'number' || !Number.isInteger(units) || units < 1 || units > line.quantity)
        throw new Error(`${where}.lines.${key}: must be 1 to ${line.quantity} units`)
      return [lineIdOf(line), units]
    }),
  )
}
