import type { ClaimedDelivery } from '../db/inbox.ts'
import type { ErrorKind } from '../errors.ts'
import type { Trigger } from '../model/trigger.ts'
import type { MarketplaceConnector } from '../ports/marketplace.ts'
import type { Notifier } from '../ports/notifier.ts'
import type { ShippingConnector } from '../ports/shipping.ts'
import type { StockSource } from '../ports/stock-source.ts'
import type { WebhookSource } from '../ports/webhook.ts'
import type { CallJournal } from './calls.ts'
import type { Refusals } from './refusals.ts'

/** Everybody that work between webhooks may ask. */
export interface Hands {
  readonly sources: readonly WebhookSource[]
  readonly shipping: ShippingConnector
  /** Of every enabled channel. */
  readonly marketplaces: readonly MarketplaceConnector[]
  /** Undefined where the configuration has no stock source. */
  readonly stock: StockSource | undefined
  readonly notifiers: readonly Notifier[]
  readonly refusals: Refusals
  readonly calls: CallJournal
}

/** A delivery and what it leads to. */
export interface Read<K extends Trigger['kind'] = Trigger['kind']> {
  readonly delivery: ClaimedDelivery
  readonly trigger: Trigger & { readonly kind: K }
}

/** What became of a delivery. Texts without personal data. */
export type DeliveryResult =
  /** `forget`: what it held is not kept any longer. `unproven`: nothing of what it said was seen, so that the same said once more is news. */
  | { readonly status: 'done'; readonly outcome: string; readonly forget?: true; readonly unproven?: true }
  /** Again in so many milliseconds. `spends`: this was a try; else somebody else was at it. `looked`: the vendor answered, and shows nothing yet. */
  | {
      readonly status: 'later'
      readonly inMs: number
      readonly why: string
      readonly kind: ErrorKind
      readonly spends: boolean
      readonly looked?: true
    }
  | { readonly status: 'dead'; readonly why: string; readonly kind: ErrorKind }

/** By delivery id. */
export type Results = Map<string, DeliveryResult>

/** Another process is at work on the same: soon again. */
export function whenFree(): DeliveryResult {
  return { status: 'later', inMs: 3_000, why: 'another process is at work on it', kind: 'retryable', spends: false }
}
