import type { Run } from '../context.ts'
import { type MappedRow, mappedRows } from '../db/comparisons.ts'
import type { MarketplaceConnector, OpenOrder, OrderWindow } from '../ports/marketplace.ts'
import { type Found, lasted } from './finding.ts'

/** A channel's list of open orders held against what we have of them. */
export interface Compared {
  /** Orders that the channel holds open and that may ship, as far as we know. */
  readonly open: number
  readonly mapped: number
  /** Open there and not in ShipStation. */
  readonly missing: readonly MissingOrder[]
  /** Open there, and not to be shipped by what we were told last: to be read again before they are called missing. */
  readonly doubtful: readonly string[]
  /** Their numbers differ from the channel's: to be read again. */
  readonly differing: readonly string[]
  readonly found: readonly Found[]
}

export interface MissingOrder {
  readonly externalOrderId: string
  /** Undefined: we do not know the order at all. */
  readonly status: MappedRow['status'] | undefined
}

/** After the last package an order may still be listed as open for a while. */
const STILL_OPEN_AFTER_MS = 2 * 3_600_000

/** Reads the channel's open orders page by page and compares each page with our books. Throws what the connector throws. */
export async function compareOpenOrders(
  run: Run,
  connector: Pick<MarketplaceConnector, 'channel' | 'listOpenOrders'>,
  window: OrderWindow,
  onPage: (read: number) => void = () => undefined,
): Promise<Compared> {
  const { channel } = connector
  const books = {
    open: 0,
    mapped: 0,
    missing: [] as MissingOrder[],
    doubtful: [] as string[],
    differing: [] as string[],
    found: [] as Found[],
  }
  const listed = new Set<string>()
  for await (const page of connector.listOpenOrders(window, run.signal)) {
    // Pages drift while they are read: an order that stands on two counts once.
    const fresh = page.filter(({ externalOrderId }) => !listed.has(externalOrderId))
    for (const { externalOrderId } of fresh) listed.add(externalOrderId)
    const rows = await mappedRows(
      run.db,
      channel,
      fresh.map(({ externalOrderId }) => externalOrderId),
    )
    const known = new Map(rows.map((row) => [row.external_order_id, row]))
    for (const order of fresh) judge(order, known.get(order.externalOrderId))
    onPage(listed.size)
  }
  return books

  function judge(order: OpenOrder, row: MappedRow | undefined): void {
    const { externalOrderId } = order
    if (row !== undefined && isHeldBack(row)) {
      books.doubtful.push(externalOrderId)
      return
    }
    books.open += 1
    if (row === undefined || !isMapped(row)) {
      books.missing.push({ externalOrderId, status: row?.status })
      return
    }
    books.mapped += 1
    const late = stillOpen(row, run.clock.now())
    if (late !== undefined) books.found.push({ ...late, channel, externalOrderId })
    const other = difference(order, row)
    if (other === undefined) return
    books.differing.push(externalOrderId)
    const next = `isync orders:pull --channel ${channel} --order ${externalOrderId}`
    books.found.push({ kind: 'differs', channel, externalOrderId, detail: other, next })
  }
}

/** Never pushed, and by our books not to be: the channel may know better by now. */
function isHeldBack(row: MappedRow): boolean {
  return !isMapped(row) && !belongsInShipStation(row)
}

/** Whether by our books the order is one for ShipStation; one that could not be read may be. Its address may still be unknown. */
export function belongsInShipStation({ status, fulfilled_by: by, flags, units_to_ship: units }: MappedRow): boolean {
  if (status === 'poison') return true
  return (status === 'open' || status === 'partially_shipped') && by === 'seller' && !flags.includes('"no_label"') && units > 0
}

/** In ShipStation, or a second copy of an order that is. */
function isMapped({ shipstation_order_id: id, twin_of: twin }: MappedRow): boolean {
  return id !== null || (twin !== null && twin !== '')
}

function stillOpen(
  { status, shipped_at: at, external_order_id: id }: MappedRow,
  now: number,
): Omit<Found, 'channel'> | undefined {
  if (status !== 'shipped' || at === null || now - at < STILL_OPEN_AFTER_MS) return undefined
  const detail = `shipped ${lasted(now - at)} ago by our books, and the channel still lists it as open`
  return { kind: 'still-open', detail, next: `isync orders:show ${id}` }
}

/** In words what the channel has other than we; undefined where nothing is, or nothing can be compared. */
function difference({ total, unitsToShip }: OpenOrder, row: MappedRow): string | undefined {
  if (row.status !== 'open' && row.status !== 'partially_shipped') return undefined
  if (total !== undefined && total.currency === row.currency && total.minor !== row.total_minor)
    return `total at the channel ${total.minor}, here ${row.total_minor} (minor units of ${total.currency})`
  // What is in a package, or told already, lowers the channel's number some time later.
  if (row.begun === 1 || unitsToShip === undefined || unitsToShip === row.units_to_ship) return undefined
  return `units to ship at the channel ${unitsToShip}, here ${row.units_to_ship}`
}
