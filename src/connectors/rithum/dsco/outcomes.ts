import { type ConnectorError, PermanentError } from '../../../core/errors.ts'
import type { ItemOutcome } from '../../../core/ports/marketplace.ts'
import type { DscoClient, DscoRequest } from './client.ts'
import { problemIn, warningsIn, wordsOf } from './messages.ts'
import { type WireMessages, wireTaken } from './wire.ts'

export function accepted(note?: string): { readonly status: 'accepted'; readonly note?: string } {
  return note === undefined ? { status: 'accepted' } : { status: 'accepted', note }
}

export function failed(error: ConnectorError): Extract<ItemOutcome, { status: 'failed' }> {
  return { status: 'failed', error }
}

/** A batch that was taken, to be judged later in the log; or refused as a whole (contract section 6). */
export type HandOver =
  | { readonly taken: true; readonly requestId: string; readonly note: string | undefined }
  | { readonly taken: false; readonly error: PermanentError }

/** Sends one batch. Throws whatever is not about the batch itself. */
export async function handOver(client: DscoClient, request: DscoRequest, signal: AbortSignal): Promise<HandOver> {
  const answer = await client.send({ ...request, expect: [400, 413, 422] }, signal)
  if (answer.status >= 300) return refused(client, request, answer.status, problemIn(answer))
  const { status, requestId, messages } = client.parse(request, answer, wireTaken)
  if (status === 'failure') return refused(client, request, answer.status, wordsOf(messages))
  return { taken: true, requestId, note: warningsIn(messages) }
}

function refused(client: DscoClient, request: DscoRequest, status: number, words: string): HandOver {
  const what = `answered ${status}${words === '' ? '' : `: ${words}`}`
  return { taken: false, error: new PermanentError(what, { ...client.factsOf(request), status }) }
}

/** A `failure` of the log, in the vendor's words. */
export function failureIn(client: DscoClient, operation: DscoRequest['operation'], results: WireMessages): PermanentError {
  const words = wordsOf(results)
  return new PermanentError(`refused: ${words === '' ? 'no reason given' : words}`, client.factsOf({ operation }))
}

/**
 * A batch of which one object is wrong is refused as a whole: halves are tried until the bad one stands alone (contract section 6).
 * `send` sends some of the items and tells what to do with a refusal of just one. Bounded: after `most` refusals the rest is `postponed`.
 */
export async function inHalves<Item>(
  items: readonly Item[],
  most: number,
  send: (some: readonly Item[]) => Promise<PermanentError | undefined>,
  refuse: (some: readonly Item[], error: PermanentError) => void,
  postpone: (some: readonly Item[], error: PermanentError) => void,
): Promise<void> {
  const waiting: (readonly Item[])[] = items.length === 0 ? [] : [items]
  let refusals = 0
  for (let some = waiting.shift(); some !== undefined; some = waiting.shift()) {
    const error = await send(some)
    if (error === undefined) continue
    refusals += 1
    const middle = Math.ceil(some.length / 2)
    if (some.length === 1) refuse(some, error)
    else if (refusals >= most) postpone(some, error)
    else waiting.unshift(some.slice(0, middle), some.slice(middle))
  }
}
