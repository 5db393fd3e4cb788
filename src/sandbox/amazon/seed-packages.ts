import { reader } from './compact.ts'
import { type OrderItem, type Package, type PackageItem, unfulfilled } from './order.ts'

const KEYS = ['reference_id', 'tracking', 'carrier', 'carrier_name', 'method', 'shipped_at', 'items']

/**
 * Packages of a compact order. Their units count as shipped, unless the seed has said how many are.
 * The reference of a package made elsewhere can be any text (contract section 4).
 */
export function readPackages(orderId: string, value: unknown, items: readonly OrderItem[], createdAt: number): Package[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw new Error(`orders ${orderId}.packages: must be a list`)
  const undecided = items.every((item) => item.shipped === 0)
  return (value as readonly unknown[]).map((document, i) => {
    const where = `orders ${orderId}.packages[${i}]`
    const given = reader(where, document, KEYS)
    const contents = given.has('items')
      ? readContents(where, given.raw('items'), items)
      : undecided
        ? everything(items)
        : shippedSoFar(items)
    const shippedAt = given.time('shipped_at') ?? createdAt
    if (undecided) for (const { itemId, quantity } of contents) addShipped(items, itemId, quantity)
    return {
      referenceId: given.text('reference_id') ?? `PKG-${i + 1}`,
      createdAt: shippedAt,
      tracking: given.text('tracking') ?? `TRACK-${orderId}-${i + 1}`,
      carrier: given.text('carrier') ?? 'UPS',
      carrierName: given.text('carrier_name'),
      method: given.text('method'),
      shippedAt,
      items: contents,
      confirmCalls: 0,
    }
  })
}

/** What is left of every line. */
export function everything(items: readonly OrderItem[]): PackageItem[] {
  return items
    .filter((item) => unfulfilled(item) > 0)
    .map((item) => ({ itemId: item.id, quantity: unfulfilled(item), transparencyCodes: [] }))
}

function shippedSoFar(items: readonly OrderItem[]): PackageItem[] {
  return items
    .filter((item) => item.shipped > 0)
    .map((item) => ({ itemId: item.id, quantity: item.shipped, transparencyCodes: [] }))
}

export function readContents(where: string, value: unknown, items: readonly OrderItem[]): PackageItem[] {
  if (!Array.isArray(value)) throw new Error(`${where}.items: must be a list`)
  return (value as readonly unknown[]).map((document, i) => {
    const given = reader(`${where}.items[${i}]`, document, ['order_item_id', 'quantity'])
    const item = items.find((each) => each.id === given.text('order_item_id'))
    if (item === undefined) throw new Error(`${where}.items[${i}].order_item_id: no such line`)
    return { itemId: item.id, quantity: given.count('quantity') ?? unfulfilled(item), transparencyCodes: [] }
  })
}

export function addShipped(items: readonly OrderItem[], itemId: string, quantity: number): void {
  const item = items.find((each) => each.id === itemId)
  if (item !== undefined) item.shipped += quantity
}
