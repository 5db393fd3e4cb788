import type { Clock } from './clock.ts'
import type { FaultRecord } from './faults.ts'
import type { Counts } from './journal.ts'
import type { OutboxEntry } from './outbox.ts'
import type { Fault, JournalEntry, StandIn, Vendor } from './stand-in.ts'

/** A running sandbox, as tests, the demo and the control API hold it. */
export interface Sandbox {
  readonly origins: Readonly<Record<'control' | Vendor, string>>
  readonly clock: Clock
  standIn(vendor: Vendor): StandIn
  seed(vendor: Vendor, document: unknown): void
  act(vendor: Vendor, action: string, argument?: unknown): unknown
  books(vendor: Vendor): unknown
  addFault(fault: Fault): void
  clearFaults(vendor?: Vendor): void
  faults(): readonly FaultRecord[]
  journal(): readonly JournalEntry[]
  counts(): Counts
  /** What the vendors sent by themselves, and what waits to be sent. */
  outbox(): readonly OutboxEntry[]
  /** Ends when nothing that is due is unsent or unanswered. */
  settle(): Promise<void>
  /** Empty stand-ins, no faults, an empty journal and outbox. The clock goes on. */
  reset(): void
  close(): Promise<void>
}
