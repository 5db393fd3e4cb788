import { createHash } from 'node:crypto'

/** Where the message ids of a feed begin again; 2^31 - 1 is the largest that Amazon takes. */
const MOST = 0x7fffffff

/**
 * A message's number comes from its SKU, so that a report is understood from any part of what was sent. `salt` is the first that gives
 * every SKU of the feed a number of its own; it goes into the report's text, the numbers need not.
 */
export function saltFor(skus: readonly string[]): number {
  for (let salt = 0; ; salt += 1) {
    const ids = new Set(skus.map((sku) => messageIdOf(sku, salt)))
    if (ids.size === skus.length) return salt
  }
}

/** 1 to 2147483647. */
export function messageIdOf(sku: string, salt: number): number {
  return (createHash('sha256').update(`${salt} ${sku}`).digest().readUInt32BE(0) % MOST) + 1
}

/** What is kept of a feed until its report: Amazon's id and the salt of its numbers. */
export interface FeedReference {
  readonly feedId: string
  readonly salt: number
}

export function textOf({ feedId, salt }: FeedReference): string {
  return `${feedId}#${salt}`
}

export function referenceOf(text: string): FeedReference {
  const [, feedId = text, salt = '0'] = /^(.*)#(\d+)$/.exec(text) ?? []
  return { feedId, salt: Number(salt) }
}
