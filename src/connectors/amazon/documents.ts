import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { RetryableError } from '../../core/errors.ts'
import type { PlannedCall, VendorAnswer, VendorCall } from '../../core/ports/gate.ts'
import { safeText } from '../http/classify.ts'
import { fetchTransport } from '../http/fetch.ts'
import type { AmazonClient } from './client.ts'

/** Megabytes travel longer than questions. */
const TIMES_LONGER = 4
/** No report comes near this unpacked. */
const MOST_BYTES = 64 * 1024 * 1024

const unzip = promisify(gunzip)

/**
 * Puts a document where Amazon said (contract section 3, bulk, step 2): the content type is the announced one, nothing of our
 * credentials goes there. Throws RetryableError for whatever is not a plain 200: the address dies after five minutes, a new one is had for
 * asking.
 */
export async function putDocument(
  client: AmazonClient,
  url: string,
  document: { readonly content: Buffer; readonly contentType: string; readonly plan: readonly PlannedCall[] },
  signal: AbortSignal,
): Promise<void> {
  const call = { ...callOf(client, 'uploadFeedDocument', 'write'), plan: document.plan }
  const headers = { 'content-type': document.contentType }
  const request = { url: checked(client, call, url), method: 'PUT', headers, body: document.content }
  const answer = await client.gate.send(call, fetchTransport(request), signal)
  assertGood(client, call, answer)
  // The storage's yes is empty. A page of something in between is none: the feed of a document that never came is refused for good.
  if (!/^\s*</.test(answer.body.toString('utf8', 0, 200))) return
  const facts = { account: client.gate.account, operation: call.operation, status: answer.status }
  throw new RetryableError(`answered ${answer.status} with a page (${answer.body.length} bytes)`, facts)
}

/** The document at an address of Amazon's, unpacked (contract section 3, bulk, step 5); `operation` names the call. Throws RetryableError. */
export async function getDocument(
  client: AmazonClient,
  url: string,
  operation: string,
  signal: AbortSignal,
): Promise<{ readonly call: VendorCall; readonly answer: VendorAnswer }> {
  const call = callOf(client, operation, 'read')
  const answer = await client.gate.send(
    call,
    fetchTransport({ url: checked(client, call, url), method: 'GET', headers: {} }),
    signal,
  )
  assertGood(client, call, answer)
  // Told by its first bytes: where the storage says that it is packed, it has been unpacked on the way.
  if (answer.body[0] !== 0x1f || answer.body[1] !== 0x8b) return { call, answer }
  try {
    return { call, answer: { ...answer, body: await unzip(answer.body, { maxOutputLength: MOST_BYTES }) } }
  } catch (cause) {
    const facts = { account: client.gate.account, operation: call.operation }
    throw new RetryableError('the document cannot be unpacked', facts, { cause })
  }
}

function callOf({ settings }: AmazonClient, operation: string, effect: 'read' | 'write'): VendorCall {
  return { operation, effect, timeoutMs: settings.timeoutMs * TIMES_LONGER }
}

/** Whatever we send to an address that an answer names goes encrypted, or to the place that the settings name. */
function checked({ gate, settings }: AmazonClient, { operation }: VendorCall, url: string): string {
  const { protocol, origin } = URL.parse(url) ?? {}
  if (protocol === 'https:') return url
  if (origin !== undefined && settings.endpoint !== undefined && origin === new URL(settings.endpoint).origin) return url
  // The address itself opens the document to whoever reads it.
  throw new RetryableError('not sent: Amazon named an address that is not https', { account: gate.account, operation })
}

/** The storage answers errors in XML, and with a 403 where the address has died: nothing about our credentials. */
function assertGood({ gate }: AmazonClient, { operation }: VendorCall, answer: VendorAnswer): void {
  if (answer.status === 200) return
  const xml = answer.body.toString('utf8')
  const words = ['Code', 'Message'].map((name) => new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1]).filter(Boolean)
  const said = words.length === 0 ? '' : `: ${safeText(words.join(': '))}`
  throw new RetryableError(`answered ${answer.status}${said}`, { account: gate.account, operation, status: answer.status })
}
