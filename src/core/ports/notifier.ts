/** A way by which a person is reached. */
export const media = ['email', 'sms', 'slack'] as const

export type Medium = (typeof media)[number]

/** One message, ready to be sent. It holds no personal data of buyers. */
export interface Message {
  /** The notice's id: the same for every try, so that the other side can tell a repeat. */
  readonly id: string
  /** One line; SMS have none. */
  readonly subject: string
  /** Plain text. For SMS at most 160 characters of the GSM alphabet. */
  readonly text: string
  readonly html?: string
  /** One of {@link Notifier.recipients}, or all of them. */
  readonly recipient?: string
  /** Epoch ms. */
  readonly createdAt: number
}

export interface Delivery {
  /** What the other side answered, in a few words. */
  readonly answer: string
  /** Recipients that the other side did not take, while it took others. */
  readonly refused: readonly string[]
}

/** One configured medium. Every method throws ConnectorError, RefusedByDryRun or StoppedError only. */
export interface Notifier {
  readonly medium: Medium
  /** As configured: addresses, numbers, or what stands for a Slack channel. */
  readonly recipients: readonly string[]
  /** Each recipient gets a message of its own. */
  readonly oneByOne: boolean
  /** After an unknown outcome the other side's list is not to be trusted before this has passed. Milliseconds. */
  readonly settleMs: number
  /** Sends it. */
  send(message: Message, how: SendOptions): Promise<Delivery>
  /** Whether a message that left at `sentAt` (epoch ms) has arrived; only where the medium can tell. */
  find?(message: Message, sentAt: number, how: SendOptions): Promise<Delivery | undefined>
}

export interface SendOptions {
  /** The longest wait for the whole of it, in milliseconds; without it the configured time. */
  readonly timeoutMs?: number
  readonly signal: AbortSignal
}
