import { type Item, total } from './item.ts'

export const SORT_COLUMNS = [
  'name',
  'sku',
  'rate',
  'purchase_rate',
  'created_time',
  'last_modified_time',
  'reorder_level',
  'stock_on_hand',
] as const
export type SortColumn = (typeof SORT_COLUMNS)[number]

/** Columns that a movement of stock may change; the rest only a person does. */
const MOVING: ReadonlySet<SortColumn> = new Set(['last_modified_time', 'stock_on_hand'])
const VIEWS_KEPT = 12

/** One order of one selection of the items, ascending. */
interface View {
  readonly moves: boolean
  readonly items: readonly Item[]
}

export interface Selection {
  /** Names the selection: same name, same items as long as nothing changes. '' for all items. */
  readonly name: string
  /** The selection depends on stock or on the time of the last change. */
  readonly moves: boolean
  holds(item: Item): boolean
}

export interface Catalogue {
  readonly size: number
  get(id: string): Item | undefined
  /** Exactly this spelling. */
  bySku(sku: string): readonly Item[]
  /** Oldest first. */
  all(): readonly Item[]
  add(item: Item): void
  remove(item: Item): void
  /** Changes an item in any field but its id. */
  edit(item: Item, change: () => void): void
  /** Changes stock or the time of the last change, nothing else. */
  move(item: Item, change: () => void): void
  sorted(selection: Selection, column: SortColumn): readonly Item[]
}

/** Holds items so that a page costs a slice: orders are built once and kept until something in them changes. */
export function createCatalogue(): Catalogue {
  const byId = new Map<string, Item>()
  const bySku = new Map<string, Item[]>()
  /** By time of creation, then id. Undefined when that order is lost. */
  let oldestFirst: Item[] | undefined = []
  let views = new Map<string, View>()

  function all(): readonly Item[] {
    oldestFirst ??= [...byId.values()].sort(COMPARE.created_time)
    return oldestFirst
  }

  function index(item: Item): void {
    const same = bySku.get(item.sku)
    if (same === undefined) bySku.set(item.sku, [item])
    else same.push(item)
  }

  function unindex(item: Item): void {
    const left = bySku.get(item.sku)?.filter((each) => each !== item) ?? []
    if (left.length === 0) bySku.delete(item.sku)
    else bySku.set(item.sku, left)
  }

  return {
    get size() {
      return byId.size
    },
    get: (id) => byId.get(id),
    bySku: (sku) => bySku.get(sku) ?? [],
    all,
    add(item) {
      byId.set(item.id, item)
      index(item)
      views = new Map()
      const last = oldestFirst?.at(-1)
      if (last !== undefined && COMPARE.created_time(last, item) > 0) oldestFirst = undefined
      oldestFirst?.push(item)
    },
    remove(item) {
      byId.delete(item.id)
      unindex(item)
      views = new Map()
      oldestFirst = oldestFirst?.filter((each) => each !== item)
    },
    edit(item, change) {
      const { createdAt } = item
      unindex(item)
      change()
      index(item)
      views = new Map()
      if (item.createdAt !== createdAt) oldestFirst = undefined
    },
    move(_item, change) {
      change()
      for (const [key, view] of views) if (view.moves) views.delete(key)
    },
    sorted(selection, column) {
      if (column === 'created_time' && selection.name === '') return all()
      const key = `${column} ${selection.name}`
      const known = views.get(key)
      if (known !== undefined) return known.items
      const chosen = selection.name === '' ? [...all()] : all().filter((item) => selection.holds(item))
      // all() is in this order already, and a selection from it keeps it.
      const items = column === 'created_time' ? chosen : chosen.sort(COMPARE[column])
      const [oldest] = views.keys()
      if (views.size >= VIEWS_KEPT && oldest !== undefined) views.delete(oldest)
      views.set(key, { moves: selection.moves || MOVING.has(column), items })
      return items
    },
  }
}

function byText(of: (item: Item) => string): (a: Item, b: Item) => number {
  return (a, b) => compare(of(a), of(b)) || compare(a.id, b.id)
}

function byNumber(of: (item: Item) => number): (a: Item, b: Item) => number {
  return (a, b) => of(a) - of(b) || compare(a.id, b.id)
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

const COMPARE: Readonly<Record<SortColumn, (a: Item, b: Item) => number>> = {
  name: byText((item) => item.name),
  sku: byText((item) => item.sku),
  rate: byNumber((item) => item.rate),
  purchase_rate: byNumber((item) => item.rate),
  created_time: byNumber((item) => item.createdAt),
  last_modified_time: byNumber((item) => item.modifiedAt),
  reorder_level: byNumber((item) => item.reorderLevel ?? 0),
  stock_on_hand: byNumber((item) => total(item).accounting),
}
