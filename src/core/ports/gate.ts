import type { RateRule } from './account.ts'

/** One call to a vendor as the gate sees it. */
export interface VendorCall {
  /** The vendor's own name of the call, for limits, logs and counts. */
  readonly operation: string
  /** Reading calls pass in a dry run; writing calls are refused and recorded in the plan. */
  readonly effect: 'read' | 'write' | 'token'
  /** Bucket this call draws on. Absent: no shared limit. */
  readonly rate?: { readonly bucket: string; readonly rule: RateRule }
  /** Milliseconds until we give up waiting for the whole answer. Default 30 000. */
  readonly timeoutMs?: number
  /** What a dry run prints instead of sending: ids, SKUs, quantities, carrier; no personal data. */
  readonly plan?: readonly PlannedCall[]
}

/** One line of a dry run's plan. */
export interface PlannedCall {
  readonly account: string
  readonly operation: string
  /** Order id, SKU or the like. */
  readonly target: string
  /** E.g. `create, store 101, 2 lines`; `UPS 1Z999, 1 x LINE-1`. */
  readonly detail: string
}

/** A fully read answer. Header names are lower case. */
export interface VendorAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** Sends one request, reads the whole answer; rejects on network failure or when `signal` aborts. */
export type Transport = (signal: AbortSignal) => Promise<VendorAnswer>

/** The counter every run reports: calls spent per operation. */
export type CallCounts = Readonly<Record<string, number>>
