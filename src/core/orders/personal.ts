import type { Run } from '../context.ts'
import { ordersByIds } from '../db/orders.ts'
import type { NormalizedOrder } from '../model/order.ts'
import { fromRows } from './rows.ts'

const HIDDEN = '[personal]'
const UNTOLD = "[the vendor's words are not kept: the buyer's data of an order among these is erased]"
/** Shorter words of a name or an address are initials, house numbers and states. */
const SHORTEST_WORD = 3
/** Free text is made of ordinary words; only long ones say something about a person. */
const SHORTEST_FREE_WORD = 6

/** `amazon-us confirmShipment: answered 400`: our own words, before the vendor's begin. */
const OUR_WORDS = /^[^:]*:(?: answered \d{3})?/

/**
 * Takes what these orders say about people out of a text. Vendors repeat names and addresses in their error messages, and those
 * are kept in plain columns and logs. Word by word, since a message may quote only a part, or be cut. Of an erased order nobody knows those
 * words any more: where one is among them the vendor's words are left out.
 */
export async function personalMask(run: Run, orderIds: readonly string[]): Promise<(text: string) => string> {
  const rows = await ordersByIds(run.db, orderIds)
  if (rows.some(({ erased_at }) => erased_at !== null)) return (text) => `${OUR_WORDS.exec(text)?.[0] ?? ''} ${UNTOLD}`
  // An address can hold the marketplace's name (a hub's does), and a message that hides its channel helps nobody.
  const channelWords = new Set([...run.settings.channels.keys()].flatMap((code) => code.split('-')))
  const found = rows.flatMap((row) => personalWords(fromRows(row, [], run.vault)))
  const words = new Set(found.filter((word) => !channelWords.has(word.toLowerCase())))
  if (words.size === 0) return (text) => text
  const any = [...words].sort((a, b) => b.length - a.length).map((word) => word.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&'))
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}])(?:${any.join('|')})(?![\\p{L}\\p{N}])`, 'giu')
  return (text) => text.replace(pattern, HIDDEN).replace(/\[personal\](?:[\s,]+\[personal\])+/g, HIDDEN)
}

function personalWords({ buyer, shipTo, gift, notes, specialInstructions }: NormalizedOrder): readonly string[] {
  const { country: _country, residential: _residential, ...address } = shipTo ?? { country: '', residential: undefined }
  return [
    ...wordsOf([...Object.values(buyer), ...Object.values(address)], SHORTEST_WORD),
    ...wordsOf([gift.message, notes, specialInstructions], SHORTEST_FREE_WORD),
  ]
}

function wordsOf(texts: readonly unknown[], shortest: number): readonly string[] {
  const known = texts.filter((text): text is string => typeof text === 'string')
  return known.flatMap((text) => text.split(/[^\p{L}\p{N}]+/u)).filter((word) => word.length >= shortest)
}
