import type { ErrorKind } from '../errors.ts'
import type { ChannelCode } from './channel.ts'

/** push: an order to ShipStation. confirm: a shipment to its channel. acknowledge: our yes to a new order. notify: a message to people. */
export const taskKinds = ['push', 'confirm', 'acknowledge', 'notify'] as const

export type TaskKind = (typeof taskKinds)[number]

/** pending -> running (leased) -> done | waiting (for next_attempt_at) | dead. */
export type TaskState = 'pending' | 'running' | 'waiting' | 'done' | 'dead'

/** A task in the hands of one worker. Times are epoch ms. */
export interface ClaimedTask {
  readonly id: string
  readonly kind: TaskKind
  readonly key: string
  readonly channel: ChannelCode
  readonly orderId: string | null
  readonly shipmentId: string | null
  readonly attempts: number
  readonly generation: number
  /** An earlier request left at this time and its outcome was never recorded: look it up before sending again. */
  readonly sentAt: number | null
}

/** A claim: who holds the rows, and until when. `owner` is minted per claim, so that a slow holder is never mistaken for its successor. */
export interface Lease {
  readonly owner: string
  readonly until: number
}

/** How a task leaves the hands of its worker. */
export type Settlement =
  | { readonly state: 'done' }
  | {
      readonly state: 'waiting'
      readonly nextAttemptAt: number
      readonly attempts: number
      readonly errorKind: ErrorKind
      readonly error: string
      /** Keep `sent_at`: the outcome is unknown. */
      readonly keepSent: boolean
    }
  | {
      readonly state: 'dead'
      readonly attempts: number
      readonly errorKind: ErrorKind
      readonly error: string
      readonly keepSent: boolean
    }
