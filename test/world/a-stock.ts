import type { StockItem } from '../../src/core/model/stock.ts'
import type { StockPage, StockSource } from '../../src/core/ports/stock-source.ts'
import type { Clock } from '../../src/core/ports/system.ts'

/** A stock source that shows what a test lays on its shelf. */
export interface TestStock extends StockSource {
  /** Units by SKU; null: the item comes without a number. */
  readonly shelf: Map<string, number | null>
  /** Changes an item in other ways. */
  readonly change: Map<string, Partial<StockItem>>
  /** Items a page. */
  perPage: number
  /** How the list ends. */
  end: Pick<StockPage, 'end' | 'reason'>
  /** Thrown instead of the page of this number (from 0). */
  failAt: { readonly page: number; readonly error: Error } | undefined
  /** Called before each page: what happens meanwhile. */
  between: (page: number) => Promise<void> | void
  /** How often each way of reading was asked for. */
  readonly asked: string[]
}

/** An item with so many units. */
export function anItem(sku: string, available: number | null = 10, change: Partial<StockItem> = {}): StockItem {
  return {
    itemId: `id-${sku}`,
    sku,
    name: `Item ${sku}`,
    kind: available === null ? 'unknown' : 'tracked',
    available: available ?? undefined,
    fields: available === null ? {} : { available_stock: String(available) },
    ...change,
  }
}

export function aStock(clock: Pick<Clock, 'now'>, units: Readonly<Record<string, number | null>> = {}): TestStock {
  function itemsOf(skus: Iterable<string>): StockItem[] {
    return [...skus]
      .filter((sku) => stock.shelf.has(sku))
      .map((sku) => anItem(sku, stock.shelf.get(sku) ?? null, stock.change.get(sku)))
  }
  async function* pages(items: () => readonly StockItem[]): AsyncIterable<StockPage> {
    for (let page = 0; ; page += 1) {
      await stock.between(page)
      if (stock.failAt?.page === page) throw stock.failAt.error
      const readAt = clock.now()
      const all = items()
      const some = all.slice(page * stock.perPage, (page + 1) * stock.perPage)
      const isLast = (page + 1) * stock.perPage >= all.length
      yield { items: some, readAt, ...(isLast ? stock.end : {}) }
      if (isLast) return
    }
  }
  const stock: TestStock = {
    account: 'zoho',
    shelf: new Map(Object.entries(units)),
    change: new Map(),
    perPage: 200,
    end: { end: 'whole' },
    failAt: undefined,
    between: () => undefined,
    asked: [],
    listItems() {
      stock.asked.push('list')
      return pages(() => itemsOf(stock.shelf.keys()))
    },
    changedSince() {
      stock.asked.push('changed')
      return pages(() => itemsOf(stock.shelf.keys()))
    },
    async itemsBySku(skus) {
      stock.asked.push('skus')
      return { items: itemsOf(skus), readAt: clock.now(), end: 'whole' }
    },
    async itemsById(ids) {
      stock.asked.push('ids')
      return { items: itemsOf(ids.map((id) => id.replace(/^id-/, ''))), readAt: clock.now(), end: 'whole' }
    },
    health: async () => ({ ok: true, checks: [] }),
  }
  return stock
}
