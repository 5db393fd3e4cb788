import type { QuantityPlan } from '../../core/ports/marketplace.ts'

const WAY = 'import'
/**
 * The platform takes one file a minute and names no largest one, so a file holds whatever is due. This many lines are about 1 MB: more than
 * sellers have changes in a run, and little enough that one lost hand-over is sent again in a moment.
 */
const BATCH = 25_000

/** Always one import, however few there are: there is no call for a single quantity that leaves the rest of the offer alone. */
export function quantityPlan(): QuantityPlan {
  return { way: WAY, batch: BATCH }
}

/**
 * Whether a file is done may be asked every 15 s (contract section 7), and a second more: of two calls the later one may travel faster, and the
 * platform counts from when they arrive.
 */
export const STATUS_RATE = { bucket: 'stock-status', rule: { perSecond: 1 / 16, burst: 1 } }

/** Under this name the account remembers the id of the last file that was taken. */
export const LAST_IMPORT = 'stock-import'

/** Where an import is asked about. */
export function importPath(importId: string): string {
  return `/api/offers/stock/imports/${encodeURIComponent(importId)}/status`
}
