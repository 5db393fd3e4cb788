import type { SandboxReply } from '../stand-in.ts'
import type { TimeKey } from './store.ts'
import { invalidInput, parseTime } from './wire.ts'

/** Names of one search's time parameters, in the spelling of its version, and what they filter by. */
interface WindowNames {
  readonly after: string
  readonly before: string
  /** The ...Before of the other kind, which cannot be mixed in. */
  readonly otherBefore: string
  readonly key: TimeKey
}

/** The window of a search: its ...Before optional, not earlier than its ...After and two minutes old (contract section 2). Both versions. `lagMs` is those two minutes. */
export function readWindow(
  query: URLSearchParams,
  { after, before, otherBefore, key }: WindowNames,
  now: number,
  lagMs: number,
): { readonly key: TimeKey; readonly from: number; readonly to: number } | SandboxReply {
  if (query.has(otherBefore)) return invalidInput(`${otherBefore} cannot be used together with ${after}.`)
  const from = parseTime(query.get(after) ?? '')
  if (from === undefined) return invalidInput(`Invalid date/time field [${after}].`)
  const newest = now - lagMs
  if (!query.has(before)) return from > now ? invalidInput(`${after} lies in the future.`) : { key, from, to: newest }
  const to = parseTime(query.get(before) ?? '')
  if (to === undefined) return invalidInput(`Invalid date/time field [${before}].`)
  if (to < from) return invalidInput(`${before} must not be earlier than ${after}.`)
  if (to > newest) return invalidInput(`${before} must be at least two minutes before the time of the request.`)
  return { key, from, to }
}
