import { parseTime } from './values.ts'

/** Amazon's own sort of order numbers; anything else in that column is no order. */
const ORDER_ID = /^\d{3}-\d{7}-\d{7}$/
const DEFAULT_CHARSET = 'utf-8'
/** Knows every byte: for a character set that the platform does not. Whatever is read here is plain ASCII. */
const ANY_CHARSET = 'latin1'

/** An order of an unshipped-orders report; `placedAt` in epoch ms. */
export interface Unshipped {
  readonly id: string
  readonly placedAt: number
}

/**
 * The orders of an unshipped-orders report that were placed at or after `from` (epoch ms), the latest first, each once. The file has a
 * head line, a line for each item, tabs between the cells and no quotes, in the character set that its download names (contract section
 * 2, bulk backlog). Everything else in it, most of it personal, is not looked at. Throws RangeError when the two columns are not there.
 */
export function readUnshipped(body: Buffer, contentType: string | undefined, from: number): readonly Unshipped[] {
  const [head = '', ...lines] = decode(body, contentType).split(/\r\n|\n|\r/)
  const names = head.split('\t').map((name) => name.trim().toLowerCase())
  const [idAt, placedAt] = ['order-id', 'purchase-date'].map((name) => names.indexOf(name))
  if (idAt === undefined || placedAt === undefined || idAt < 0 || placedAt < 0)
    throw new RangeError('the report has no columns order-id and purchase-date')
  const placed = new Map<string, number>()
  for (const line of lines) {
    const cells = line.split('\t')
    const id = cells[idAt]?.trim() ?? ''
    const at = parseTime(cells[placedAt]?.trim())
    if (ORDER_ID.test(id) && at !== undefined && at >= from) placed.set(id, at)
  }
  const orders = [...placed].map(([id, placedAt]) => ({ id, placedAt }))
  return orders.sort((a, b) => b.placedAt - a.placedAt || (a.id < b.id ? -1 : 1))
}

function decode(body: Buffer, contentType: string | undefined): string {
  const charset = /charset\s*=\s*"?([\w.:-]+)/i.exec(contentType ?? '')?.[1] ?? DEFAULT_CHARSET
  try {
    return new TextDecoder(charset).decode(body)
  } catch {
    return new TextDecoder(ANY_CHARSET).decode(body)
  }
}
