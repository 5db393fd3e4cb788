import { createHash } from 'node:crypto'
import type { ChannelCode } from '../model/channel.ts'

/** ShipStation contract section 4: a longer key might be cut, here or in a later version of the API, and a cut key is another key. */
const LONGEST_KEY = 50

const PREFIX = 'isync:'

/**
 * The upsert key at ShipStation: `isync:<channel>:<external order id>`. Deterministic, so that a repeat is an update and never a second order.
 * Where that is too long the order id's digest stands in for it; the key is stored with the order, so nobody needs to read it back.
 */
export function orderKeyOf(channel: ChannelCode, externalOrderId: string): string {
  const plain = `${PREFIX}${channel}:${externalOrderId}`
  if (plain.length <= LONGEST_KEY) return plain
  const digest = createHash('sha256').update(externalOrderId).digest('base64url').slice(0, 18)
  return `${PREFIX}${channel}:~${digest}`
}

/** Whether isync made this key. */
export function isOwnKey(key: string): boolean {
  return key.startsWith(PREFIX)
}
