import type { SandboxReply } from '../stand-in.ts'
import { parseDate } from './los-angeles.ts'
import { type ModelState, ok } from './replies.ts'

const DEFAULT_SIZE = 100
const MOST = 500

/** The query of one list call; unreadable values are gathered in `problems`. */
export interface ListQuery {
  readonly problems: ModelState
  text(name: string): string | undefined
  number(name: string): number | undefined
  flag(name: string): boolean
  oneOf(name: string, choices: readonly string[]): string | undefined
  /** A test for `<name>Start` and `<name>End`; undefined when neither is given. */
  range(name: string): ((instant: number | undefined) => boolean) | undefined
}

export function listQuery(query: URLSearchParams): ListQuery {
  const problems: ModelState = {}

  function text(name: string): string | undefined {
    const value = query.get(name)
    return value === null || value === '' ? undefined : value
  }

  function complain(name: string): undefined {
    problems[name] = [`The value '${query.get(name)}' is not valid for ${name}.`]
  }

  function instant(name: string): number | undefined {
    const value = text(name)
    return value === undefined ? undefined : (parseDate(value) ?? complain(name))
  }

  return {
    problems,
    text,
    number(name) {
      const value = text(name)
      if (value === undefined) return undefined
      return /^-?\d+$/.test(value) ? Number(value) : complain(name)
    },
    flag(name) {
      return text(name)?.toLowerCase() === 'true'
    },
    oneOf(name, choices) {
      const value = text(name)
      if (value === undefined) return undefined
      return choices.find((choice) => choice.toLowerCase() === value.toLowerCase()) ?? complain(name)
    },
    range(name) {
      const start = instant(`${name}Start`)
      const end = instant(`${name}End`)
      if (start === undefined && end === undefined) return undefined
      return (at) => at !== undefined && at >= (start ?? at) && at <= (end ?? at)
    },
  }
}

export interface Page<T> {
  readonly rows: readonly T[]
  readonly total: number
  readonly page: number
  readonly pages: number
}

/** Sizes beyond the most are taken as the most; a page behind the last one is empty (contract section 7, paging traps). */
export function pageOf<T>(query: ListQuery, all: readonly T[]): Page<T> {
  const page = Math.max(1, query.number('page') ?? 1)
  const size = Math.min(MOST, Math.max(1, query.number('pageSize') ?? DEFAULT_SIZE))
  const rows = all.slice((page - 1) * size, page * size)
  return { rows, total: all.length, page, pages: Math.ceil(all.length / size) }
}

/** `pages` is 0 as in the vendor's own example when one page holds everything, or always when the seed says so. */
export function pageReply(name: string, rows: readonly unknown[], page: Page<unknown>, zero: boolean): SandboxReply {
  return ok({ [name]: rows, total: page.total, page: page.page, pages: zero ? 0 : page.pages })
}

export interface SortKey<T> {
  readonly by: (row: T) => number
  readonly descending: boolean
}

/** Sorts by the key and then by the given id, so that pages are stable. */
export function sorted<T>(rows: T[], { by, descending }: SortKey<T>, id: (row: T) => number): T[] {
  const sign = descending ? -1 : 1
  return rows.sort((a, b) => sign * (by(a) - by(b) || id(a) - id(b)))
}
