import type { SandboxReply } from '../stand-in.ts'
import { stranger } from './order-wire.ts'
import type { Call } from './rest-call.ts'
import { nextPage, openScroll } from './scroll.ts'
import { problem, refused } from './wire.ts'

const PAGE = 100

/** GET /warehouse/page. Several conditions hold together. */
export function getWarehouses(call: Call): SandboxReply {
  const { state, book, request, now } = call
  const { query } = request
  const scrollId = query.get('scrollId') ?? ''
  const idType = query.get('idType')
  const idKey = idType === 'code' || idType === 'warehouseId' ? idType : undefined
  if (idType !== null && (idKey === undefined || query.get('idValue') === null)) {
    return refused(400, [problem('validation_error', 'idType must be code or warehouseId, with an idValue.')], now)
  }
  const found = [...book.warehouses.values()].filter(
    (one) =>
      (idKey === undefined || one[idKey] === query.get('idValue')) &&
      ['status', 'name'].every((key) => query.get(key) === null || one[key] === query.get(key)),
  )
  const page =
    scrollId === '' ? openScroll(state, book, 'warehouses', found, PAGE) : nextPage(state, book, 'warehouses', scrollId)
  if (page === undefined) return refused(404, [problem('scroll_not_found', 'The page does not exist.')], now)
  return {
    status: 200,
    body: {
      warehouses: page.items,
      ...(page.scrollId === undefined ? {} : { scrollId: page.scrollId }),
      ...stranger(state.settings),
    },
  }
}
