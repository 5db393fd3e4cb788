import type { Run } from '../context.ts'
import type { Db } from '../db/db.ts'
import { type Kept, keepDeliveries, type NewDelivery } from '../db/inbox-keep.ts'
import type { Delivery, WebhookSourceName } from '../ports/webhook.ts'
import type { Vault } from '../privacy/vault.ts'

/** Most deliveries of one commit. */
const MOST_AT_ONCE = 500
/** After a commit as long again as it took is left to the work beside it, at most this: on a slow disk there would be nothing but commits. */
const LONGEST_BREATH_MS = 25

/** Where deliveries are kept before they are answered. */
export interface Inbox {
  /** Resolves when everything is on disk, with what became of each. Rejects when nothing of it was kept: the sender is to come again. */
  keep(provider: WebhookSourceName, deliveries: readonly Delivery[]): Promise<readonly Kept[]>
  /** Resolves when whatever was given to {@link keep} is settled. */
  idle(): Promise<void>
}

interface Waiting {
  readonly rows: readonly NewDelivery[]
  readonly resolve: (kept: readonly Kept[]) => void
  readonly reject: (error: unknown) => void
}

/**
 * One commit for all that came while the last one was under way: a disk that takes ten commits a second still takes a thousand deliveries.
 */
export function openInbox({ db, vault, clock, ids }: Pick<Run, 'db' | 'vault' | 'clock' | 'ids'>): Inbox {
  const queue: Waiting[] = []
  let working: Promise<void> | undefined

  async function work(): Promise<void> {
    // What else this turn of the event loop brings goes into the same commit.
    await new Promise((resolve) => setImmediate(resolve))
    while (queue.length > 0) {
      const began = performance.now()
      await commit(db, takeSome(queue))
      const tookMs = performance.now() - began
      await new Promise((resolve) => setTimeout(resolve, Math.min(tookMs, LONGEST_BREATH_MS)))
    }
    working = undefined
  }

  return {
    keep(provider, deliveries) {
      const at = clock.now()
      const rows = deliveries.map((one) => newRow({ vault, id: ids.next(), at, provider }, one))
      return new Promise((resolve, reject) => {
        queue.push({ rows, resolve, reject })
        working ??= work()
      })
    },
    idle: async () => working,
  }
}

function takeSome(queue: Waiting[]): readonly Waiting[] {
  let rows = 0
  const some: Waiting[] = []
  while (queue[0] !== undefined && (some.length === 0 || rows + queue[0].rows.length <= MOST_AT_ONCE)) {
    rows += queue[0].rows.length
    some.push(queue[0])
    queue.shift()
  }
  return some
}

async function commit(db: Db, some: readonly Waiting[]): Promise<void> {
  try {
    const kept = await db.transaction((tx) =>
      keepDeliveries(
        tx,
        some.flatMap(({ rows }) => rows),
      ),
    )
    let at = 0
    for (const { rows, resolve } of some) {
      resolve(kept.slice(at, at + rows.length))
      at += rows.length
    }
  } catch (error) {
    for (const one of some) one.reject(error)
  }
}

interface At {
  readonly vault: Vault
  readonly id: string
  readonly at: number
  readonly provider: string
}

function newRow({ vault, id, at, provider }: At, { key, repeated, channel = '', topic, body }: Delivery): NewDelivery {
  const sealed = sealBody(vault, provider, key, body)
  return {
    id,
    provider,
    key,
    channel,
    topic,
    body: sealed,
    bytes: body.length,
    at,
    repeated,
  }
}

/** A body as it is kept: bytes of any kind, bound to their delivery. */
export function sealBody(vault: Vault, provider: string, key: string, body: Buffer): string {
  return vault.seal('inbox', 'body', `${provider}/${key}`, body.toString('base64'))
}

/** The other way. Throws OperatorError when the key is missing. */
export function openBody(
  vault: Vault,
  { provider, key, body }: { readonly provider: string; readonly key: string; readonly body: string },
): Buffer {
  return Buffer.from(vault.open('inbox', 'body', `${provider}/${key}`, body), 'base64')
}
