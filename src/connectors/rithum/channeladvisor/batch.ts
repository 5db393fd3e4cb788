import { PermanentError, RetryableError, ThrottledError } from '../../../core/errors.ts'
import type { VendorAnswer } from '../../../core/ports/gate.ts'
import { errorOf } from '../../http/classify.ts'
import { jsonOf } from '../../http/json.ts'
import { BATCH_BUCKET, type ChannelAdvisorClient, type Request } from './client.ts'
import { wordsOf } from './verdict.ts'
import { wireBatch } from './wire.ts'

const OPERATION = '$batch'
/** As many as the vendor recommends (contract section 8). */
export const MOST_PARTS = 100
/** Smaller ones would gain nothing over single calls. */
const FEWEST_PARTS = 20
/** A batch counts as one call and each of its parts as another, out of 2,000 a minute; the rest is left for orders. */
const RATE = { bucket: BATCH_BUCKET, rule: { perSecond: 10 / 60, burst: 2 } }
/** It takes as long as its parts together. */
const TIMES_LONGER = 4
const SIZE_NOTE = 'batch-size'
const DAY_MS = 24 * 3600_000
/** The account takes no batch of this form. */
const FORM_REFUSED: readonly number[] = [400, 404, 405, 415, 501]

/** One call inside a batch. */
export interface Part {
  readonly path: string
  readonly body: unknown
}

/** How one part went: undefined is good. */
export type PartResult = Exclude<ReturnType<typeof errorOf>, undefined> | undefined

/** How many parts a batch of this account may have; 1: it takes none. */
export async function batchSize({ gate }: ChannelAdvisorClient): Promise<number> {
  const noted = Number(await gate.shared.recall(SIZE_NOTE))
  return Number.isInteger(noted) && noted > 0 ? Math.min(noted, MOST_PARTS) : MOST_PARTS
}

async function noteSize({ gate }: ChannelAdvisorClient, size: number): Promise<void> {
  await gate.shared.remember(SIZE_NOTE, String(size), gate.clock.now() + DAY_MS)
}

/**
 * Several writes in one call (contract section 10), one result per part in the parts' order: a good answer says nothing about them, and they come
 * back in any order. Undefined where the account takes no such batch: then the parts have to be sent one by one, for a day without asking
 * again. A batch that takes too long is noted as too large.
 */
export async function sendBatch(
  client: ChannelAdvisorClient,
  parts: readonly Part[],
  plan: NonNullable<Request['plan']>,
  signal: AbortSignal,
): Promise<readonly PartResult[] | undefined> {
  const headers = { 'content-type': 'application/json', accept: 'application/json' }
  const requests = parts.map(({ path, body }, at) => ({ id: String(at + 1), method: 'POST', url: path, headers, body }))
  const request: Request = {
    operation: OPERATION,
    method: 'POST',
    path: '/v1/$batch',
    body: { requests },
    plan,
    rate: RATE,
    timeoutMs: client.settings.timeoutMs * TIMES_LONGER,
    expect: FORM_REFUSED,
    isDeniedInside: (answer) => responsesOf(answer)?.some(({ status }) => status === 401) === true,
  }
  const answer = await client.send(request, signal).catch(async (error: unknown) => {
    const isSlow = error instanceof RetryableError && error.status === undefined
    if (isSlow && parts.length > FEWEST_PARTS) await noteSize(client, Math.max(FEWEST_PARTS, Math.floor(parts.length / 2)))
    throw error
  })
  if (isFormRefused(answer)) {
    client.gate.log.warn({ channel: client.settings.channel, status: answer.status }, 'no batches here: quantities go one by one')
    await noteSize(client, 1)
    return undefined
  }
  const responses = responsesOf(answer) ?? client.parse(request, answer, wireBatch).responses
  return Promise.all(
    parts.map((_, at) =>
      resultOf(
        client,
        request,
        responses.find(({ id }) => id === String(at + 1)),
      ),
    ),
  )
}

/** A refusal of the whole, or an answer in the older form, which is not asked for. */
function isFormRefused({ status, headers }: VendorAnswer): boolean {
  return FORM_REFUSED.includes(status) || (status < 300 && /^multipart\//i.test(headers['content-type'] ?? ''))
}

type Responses = ReturnType<typeof wireBatch.parse>['responses']

function responsesOf(answer: VendorAnswer): Responses | undefined {
  return wireBatch.safeParse(jsonOf(answer)).data?.responses
}

async function resultOf(
  client: ChannelAdvisorClient,
  request: Request,
  response: Responses[number] | undefined,
): Promise<PartResult> {
  if (response === undefined)
    return new RetryableError('the answer does not name this part', { ...client.factsOf(request), outcomeUnknown: true })
  const { status, body } = response
  // A 406 inside a batch is a passing trouble of the vendor's (contract section 10).
  const inner: VendorAnswer = {
    status: status === 406 ? 503 : status,
    headers: {},
    body: Buffer.from(JSON.stringify(body ?? null)),
  }
  const message = wordsOf(typeof body === 'string' ? { Message: body } : body)
  const error = errorOf(client.gate.account, { operation: OPERATION, effect: 'write' }, inner, { waitMs: 60_000, message })
  if (error instanceof ThrottledError) await client.hold(error.waitMs)
  return error
}

/** The part's product, order or the like is not there. */
export function isMissing(result: PartResult): boolean {
  return result instanceof PermanentError && result.status === 404
}
