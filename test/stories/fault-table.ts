import type { Fault } from '../../src/sandbox/stand-in.ts'

/** How the run in which the fault strikes ends: 0 done, 3 in part, 4 vendor down. */
export interface FaultRow {
  readonly fault: string
  readonly strike: Omit<Fault, 'vendor' | 'match'>
  readonly pull: number
  readonly push: number
  readonly confirm: number
  readonly poll: number
  /** The orders stand in ShipStation although the run did not learn it. */
  readonly stored: boolean
}

const throttled = { pull: 3, push: 3, confirm: 3, poll: 3, stored: false }
// The lists are read while confirmations go on, so a poll that fails leaves its run done in part.
const down = { pull: 4, push: 4, confirm: 3, poll: 3, stored: false }

/**
 * A 500 of ShipStation may mean one bad order in the batch, or one bad row in a list, so smaller requests are tried at once: a single
 * one is mended within the run.
 */
export const faults: readonly FaultRow[] = [
  { fault: '429 without headers', strike: { kind: 'throttle' }, ...throttled },
  {
    fault: '429 with headers',
    strike: {
      kind: 'throttle',
      headers: { 'retry-after': '20', 'x-rate-limit-limit': '40', 'x-rate-limit-remaining': '0', 'x-rate-limit-reset': '20' },
    },
    ...throttled,
  },
  { fault: '500 once, before anything is done', strike: { kind: 'status', status: 500, times: 1 }, ...down, push: 0, poll: 0 },
  { fault: '500 for as long as the run lasts', strike: { kind: 'status', status: 500 }, ...down, push: 3 },
  { fault: '503', strike: { kind: 'status', status: 503 }, ...down },
  {
    fault: '500 after the order was stored',
    strike: { kind: 'status-after', status: 500, times: 1 },
    ...down,
    push: 0,
    poll: 0,
    stored: true,
  },
  { fault: '503 after the order was stored', strike: { kind: 'status-after', status: 503 }, ...down, stored: true },
  { fault: 'connection cut before the request is read', strike: { kind: 'cut' }, ...down },
  { fault: 'connection cut after the order was stored', strike: { kind: 'cut-after' }, ...down, stored: true },
  { fault: 'connection cut in the middle of the answer', strike: { kind: 'cut-after', status: 200 }, ...down, stored: true },
  { fault: 'no answer in time, nothing done', strike: { kind: 'timeout' }, ...down },
  { fault: 'no answer in time, order stored', strike: { kind: 'timeout-after' }, ...down, stored: true },
  { fault: 'JSON cut in half', strike: { kind: 'truncate' }, ...down, stored: true },
  { fault: 'an HTML page with status 200, nothing done', strike: { kind: 'html' }, ...down },
  { fault: 'an HTML page with status 200, order stored', strike: { kind: 'html-after' }, ...down, stored: true },
]
