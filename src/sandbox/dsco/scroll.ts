import { type Book, next, type State } from './state.ts'
import { uuid } from './wire.ts'

const LIFE_MS = 300_000

export interface Page {
  readonly items: readonly unknown[]
  /** Undefined where there is nothing to go on with. */
  readonly scrollId: string | undefined
  readonly note?: string | undefined
}

export function openScroll(
  state: State,
  book: Book,
  kind: string,
  items: readonly unknown[],
  pageSize: number,
  note?: string,
): Page {
  const page = items.slice(0, pageSize)
  const isWhole = items.length <= pageSize
  if (page.length === 0 || (isWhole && state.settings.scrollId === 'when-more')) return { items: page, scrollId: undefined }
  for (const [old, { diesAt }] of book.scrolls) if (diesAt <= state.clock.now()) book.scrolls.delete(old)
  const id = uuid(next(state))
  book.scrolls.set(id, { id, kind, rest: items.slice(pageSize), pageSize, note, diesAt: state.clock.now() + LIFE_MS })
  return { items: page, scrollId: id }
}

/** Undefined when there is no such page: the answer is 404. */
export function nextPage(state: State, book: Book, kind: string, id: string): Page | undefined {
  const scroll = book.scrolls.get(id)
  const now = state.clock.now()
  if (scroll === undefined || scroll.kind !== kind || scroll.diesAt <= now) return undefined
  scroll.diesAt = now + LIFE_MS
  return { items: scroll.rest.splice(0, scroll.pageSize), scrollId: id, note: scroll.note }
}
