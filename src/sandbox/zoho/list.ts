import type { SandboxReply, SandboxRequest } from '../stand-in.ts'
import type { Odd } from './answers.ts'
import { distortList } from './answers.ts'
import type { Selection, SortColumn } from './catalogue.ts'
import { SORT_COLUMNS } from './catalogue.ts'
import { type Item, total } from './item.ts'
import { itemType, listRow } from './item-wire.ts'
import type { State } from './state.ts'
import { invalidValue, isReply, ok, parseTime, wholeNumber } from './wire.ts'

const MOST_PER_PAGE = 200

const FILTERS: Readonly<Record<string, (item: Item) => boolean>> = {
  'Status.All': () => true,
  'Status.Active': (item) => item.isActive,
  'Status.Inactive': (item) => !item.isActive,
  'Status.Lowstock': (item) => item.reorderLevel !== undefined && total(item).accounting <= item.reorderLevel,
  'Status.Unmapped': () => false,
  'Status.Uncategorized': (item) => item.category === undefined,
  'Status.Grouped': (item) => item.group !== undefined,
  'ItemType.All': () => true,
  'ItemType.Sales': (item) => itemType(item) === 'sales',
  'ItemType.Purchases': (item) => itemType(item) === 'purchases',
  'ItemType.SalesAndPurchases': (item) => itemType(item) === 'sales_and_purchases',
  'ItemType.Inventory': (item) => itemType(item) === 'inventory',
  'ItemType.NonInventory': (item) => itemType(item) !== 'inventory' && item.kind !== 'service',
  'ItemType.Service': (item) => item.kind === 'service',
}

/** Parameters that pick items by one of their values, beside sku. */
const PICKS: Readonly<Record<string, (item: Item, wanted: string) => boolean>> = {
  item_id: (item, wanted) => item.id === wanted,
  group_id: (item, wanted) => item.group?.id === wanted,
  name: (item, wanted) => item.name === wanted,
  name_startswith: (item, wanted) => item.name.startsWith(wanted),
  name_contains: (item, wanted) => item.name.includes(wanted),
  sku_startswith: (item, wanted) => item.sku.startsWith(wanted),
  sku_contains: (item, wanted) => item.sku.includes(wanted),
  search_text: (item, wanted) => `${item.name}\n${item.sku}`.toLowerCase().includes(wanted.toLowerCase()),
  status: (item, wanted) => (item.isActive ? 'active' : 'inactive') === wanted,
}

/** GET /items: contract section 3. The organization has no items when it is not the first. */
export function listItems(state: State, request: SandboxRequest, isOwner: boolean, odd: Odd | undefined): SandboxReply {
  const { query } = request
  const page = wholeNumber(query.get('page')) ?? 1
  const perPage = wholeNumber(query.get('per_page')) ?? MOST_PER_PAGE
  if (!(page >= 1)) return invalidValue('page')
  if (!(perPage >= 1)) return invalidValue('per_page')
  const column = SORT_COLUMNS.find((one) => one === (query.get('sort_column') ?? 'name'))
  if (column === undefined) return invalidValue('sort_column')
  const order = query.get('sort_order') ?? 'A'
  if (order !== 'A' && order !== 'D') return invalidValue('sort_order')
  const place = query.get('location_id') ?? query.get('warehouse_id') ?? undefined
  if (place !== undefined && !state.places.some(({ location_id: id }) => id === place)) return invalidValue('location_id')
  const found = isOwner ? select(state, query, column) : []
  if (isReply(found)) return found

  const size = Math.min(perPage, MOST_PER_PAGE)
  const items = order === 'A' ? found.slice((page - 1) * size, page * size) : backwards(found, (page - 1) * size, size)
  const rows = items.map((item) => listRow(state, item, place))
  return distortList(odd, rows, (shown, hasMore) =>
    ok({
      ...(shown === undefined ? {} : { items: shown }),
      page_context: {
        page,
        per_page: size,
        has_more_page: hasMore ?? found.length > page * size,
        report_name: 'Items',
        applied_filter: query.get('filter_by') ?? 'Status.Active',
        sort_column: column,
        sort_order: order,
      },
    }),
  )
}

function backwards(items: readonly Item[], from: number, size: number): readonly Item[] {
  const end = items.length - from
  return end <= 0 ? [] : items.slice(Math.max(0, end - size), end).reverse()
}

function select(state: State, query: URLSearchParams, column: SortColumn): readonly Item[] | SandboxReply {
  const { catalogue } = state
  const filterName = query.get('filter_by') ?? (query.has('status') ? 'Status.All' : 'Status.Active')
  const filter = FILTERS[filterName]
  if (filter === undefined) return invalidValue('filter_by')
  const picks = Object.entries(PICKS).flatMap(([name, holds]) => {
    const wanted = query.get(name)
    return wanted === null ? [] : [{ name, wanted, holds }]
  })
  const sinceText = query.get('last_modified_time')
  const since = sinceText === null ? undefined : parseTime(sinceText)
  if (sinceText !== null && since === undefined) return invalidValue('last_modified_time')

  function holds(item: Item): boolean {
    if (filter === undefined || !filter(item)) return false
    // Times have whole seconds; what changed within the second asked for is not after it.
    if (since !== undefined && Math.floor(item.modifiedAt / 1000) * 1000 <= since) return false
    return picks.every((pick) => pick.holds(item, pick.wanted))
  }

  const sku = query.get('sku')
  if (sku !== null) return catalogue.bySku(sku).filter(holds)
  const selection: Selection = {
    name: isEverything(filterName) && picks.length === 0 && since === undefined ? '' : nameOf(filterName, sinceText, picks),
    moves: since !== undefined || filterName === 'Status.Lowstock',
    holds,
  }
  return catalogue.sorted(selection, column)
}

function isEverything(filterName: string): boolean {
  return filterName === 'Status.All' || filterName === 'ItemType.All'
}

function nameOf(
  filterName: string,
  since: string | null,
  picks: readonly { readonly name: string; readonly wanted: string }[],
): string {
  return JSON.stringify([filterName, since, picks.map(({ name, wanted }) => [name, wanted])])
}
