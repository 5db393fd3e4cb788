import type { ConnectorError } from '../errors.ts'
import type { ChannelCode } from '../model/channel.ts'
import type { Trigger } from '../model/trigger.ts'

/** Who sends: the word behind `/webhooks/` in the address. */
export const webhookSources = ['shipstation', 'zoho', 'ebay', 'amazon', 'orders'] as const

export type WebhookSourceName = (typeof webhookSources)[number]

/** A request as it came; nothing of it is believed yet. */
export interface WebhookRequest {
  readonly method: string
  /** What follows `/webhooks/<source>/` in the path, not decoded; '' when nothing does. */
  readonly rest: string
  /** Parameters behind the question mark, decoded, in their order. */
  readonly query: readonly (readonly [name: string, value: string])[]
  /** Names in lower case; values of a header that came more than once are joined by `, `. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
  /** Epoch ms, our clock. */
  readonly receivedAt: number
}

/** Why a request is refused. It is counted and never told to whoever sent it. */
export type Refusal =
  | 'path'
  | 'method'
  | 'type'
  | 'size'
  | 'rate'
  /** No signature or key, or not the right one. */
  | 'signature'
  /** A time outside of the window, or a signature that was used before. */
  | 'stale'
  /** It points to an address that is not the vendor's. */
  | 'address'
  /** Not what this sender ever sends, so that it cannot even be kept. */
  | 'shape'

/** One message of a genuine request, as it is kept until it is worked on. */
export interface Delivery {
  /** By it the same message is known when it comes again: up to 100 characters of [A-Za-z0-9._:-]. */
  readonly key: string
  /**
   * What a second delivery with this key is. `same`: the very same message, never to be worked on again. `anew`: the words may be said again of
   * something that happened since (a body that holds nothing but an item's id), so that it counts unless the first still waits.
   */
  readonly repeated: 'same' | 'anew'
  readonly channel?: ChannelCode
  /** What it is about in the sender's own word, for lists and counts: up to 60 characters, no personal data. */
  readonly topic: string
  /** What is kept, encrypted. */
  readonly body: Buffer
}

export type WebhookVerdict =
  | { readonly status: 'genuine'; readonly deliveries: readonly Delivery[]; readonly note?: string }
  /** A handshake: answered with 200 and this JSON; nothing is kept. */
  | { readonly status: 'handshake'; readonly answer: Readonly<Record<string, string>> }
  | { readonly status: 'refused'; readonly reason: Refusal }
  /** It cannot be told now (the sender's public key cannot be had): the sender is to try again later. */
  | { readonly status: 'undecided'; readonly error: ConnectorError }

/**
 * One sender of pushed messages: tells genuine requests from others and what a kept one leads to. Decides nothing else, writes no row, and logs
 * neither secrets nor personal data.
 */
export interface WebhookSource {
  readonly name: WebhookSourceName
  /** Methods that it is ever called with; others answer 405. */
  readonly methods: readonly ('GET' | 'POST')[]
  /** Media types of a POST, without parameters, such as `application/json`; others answer 415. Empty: any. */
  readonly types: readonly string[]
  /** The status by which this sender understands that its request is not believed. */
  readonly refusedStatus: 401 | 412
  /** Paths to give to the sender, from `/webhooks/` on; a part that is secret stands as it is. */
  paths(): readonly { readonly path: string; readonly for: string }[]
  /** Takes the same time whatever part of a secret or signature is wrong. Never throws anything but StoppedError. */
  verify(request: WebhookRequest, signal: AbortSignal): Promise<WebhookVerdict>
  /** What a kept delivery leads to. Pure; never throws. */
  read(delivery: Pick<Delivery, 'topic' | 'body' | 'channel'>): Trigger
}
