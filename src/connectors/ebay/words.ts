import { safeText } from '../http/classify.ts'
import type { Gate } from '../http/gate.ts'

/** eBay's words made fit for errors and logs; `values`: what eBay put into them. */
export type Showing = (text: string, values?: readonly string[]) => string

/** Shorter ones name nobody, and are parts of other words. */
const SHORTEST_VALUE = 3

/**
 * For the answer to `sent`: without our secrets, also where the answer is a good one by its status (a Trading refusal comes with 200), and
 * without any value that is not of what we sent, since that is something eBay knows of somebody.
 */
export function showing(gate: Gate, sent: unknown): Showing {
  const known = JSON.stringify(sent) ?? ''
  return (text, values = []) => {
    let shown = text
    for (const value of values) if (isNews(value, known)) shown = shown.replaceAll(value, '...')
    return safeText(withoutSecrets(gate, shown))
  }
}

function isNews(value: string, known: string): boolean {
  return value.length >= SHORTEST_VALUE && /\p{L}/u.test(value) && !known.includes(JSON.stringify(value).slice(1, -1))
}

function withoutSecrets(gate: Gate, text: string): string {
  return gate.clean({ status: 200, headers: {}, body: Buffer.from(text) }).body.toString('utf8')
}
