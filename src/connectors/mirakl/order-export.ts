import { createHash } from 'node:crypto'
import * as z from 'zod'
import { RetryableError } from '../../core/errors.ts'
import type { VendorAnswer } from '../../core/ports/gate.ts'
import { safeText } from '../http/classify.ts'
import { readAnswer } from '../http/json.ts'
import type { MiraklClient, MiraklRequest } from './client.ts'
import { wireExportBegun, wireExportFile, wireExportStatus } from './wire.ts'

const MINUTE_MS = 60_000
/** OR13 is allowed every five minutes (contract section 7). */
const ASK_EVERY_MS = 5 * MINUTE_MS + 1000
/** OR14 is recommended every ten seconds. */
const POLL_MS = 10_000
/** By then the list would long have been read page by page. */
const PATIENCE_MS = 10 * MINUTE_MS
/** How long the vendor keeps files is not published; one that has given us nothing for so long is not gone on with. */
const KEEP_MS = 60 * MINUTE_MS
const AFTER_FAILURE_MS = 15 * MINUTE_MS
const AFTER_REFUSAL_MS = 24 * 60 * MINUTE_MS
const FILE_TIMEOUT_MS = 2 * MINUTE_MS
/** The smallest that OR13 takes: one file is read whole. */
const FILE_LIMITS = { items_per_chunk: 10_000, megabytes_per_chunk: 10 }
/** Orders handed out at once: those of them that need ST12 mostly share one call of it. */
const BATCH = 500
const NOTE = 'order-export'

/** An export under way or being read: of everything changed from `from` to `end` and perhaps later (epoch ms, the vendor's clock). */
export const runningSchema = z.object({
  id: z.string().min(1),
  from: z.number(),
  end: z.number(),
  askedAt: z.number(),
  /** Digests of the files read to their end. Addresses themselves may open something, so they are not kept. */
  done: z.array(z.string()),
  /** Orders in those files. */
  count: z.number(),
  /** The file being read, and how many of its orders have been handed out. */
  file: z.object({ digest: z.string(), at: z.number() }).optional(),
})

export type RunningExport = z.infer<typeof runningSchema>

/** What all processes know: when an export may be asked for again, and the one that was. */
const noteSchema = z.object({ notBefore: z.number(), running: runningSchema.optional() })

type Note = z.infer<typeof noteSchema>

/** An export that a run before us asked for and did not live to read, if it reaches over everything from `from`. */
export async function exportLeftBehind(client: MiraklClient, from: number): Promise<RunningExport | undefined> {
  const { running } = await readNote(client)
  if (running === undefined || isTooOld(client, running)) return undefined
  return running.from <= from && from < running.end ? running : undefined
}

/** Too old to be gone on with. */
export function isTooOld(client: MiraklClient, running: RunningExport): boolean {
  const age = client.gate.clock.now() - running.askedAt
  return age < 0 || age > KEEP_MS
}

/**
 * OR13 (contract section 3, rule 4). Undefined where the marketplace does not give one now: it has no such call, the role lacks the right,
 * another export of the shop is running, or we asked a moment ago. It is noted before and after, so that a run that dies in between neither
 * asks a second time nor forgets what it has asked for.
 */
export async function beginExport(
  client: MiraklClient,
  window: { readonly from: number; readonly until: number; readonly end: number },
  signal: AbortSignal,
): Promise<RunningExport | undefined> {
  const { clock, account } = client.gate
  const askedAt = clock.now()
  if (askedAt < (await readNote(client)).notBefore) return undefined
  await writeNote(client, { notBefore: askedAt + ASK_EVERY_MS })
  const request: MiraklRequest = {
    operation: 'OR13',
    method: 'POST',
    path: '/api/orders/async-export',
    body: {
      start_update_date: new Date(window.from).toISOString(),
      end_update_date: new Date(window.until).toISOString(),
      ...FILE_LIMITS,
    },
    changesNothing: true,
    expect: [400, 403, 404, 405, 409, 410, 415, 422],
  }
  try {
    const answer = await client.send(request, signal)
    if (answer.status >= 400) {
      const mayPass = answer.status === 400 || answer.status === 409
      await giveUp(client, mayPass ? AFTER_FAILURE_MS : AFTER_REFUSAL_MS, `OR13 answered ${answer.status}`)
      return undefined
    }
    const { tracking_id: id } = readAnswer(account, client.callOf(request), answer, wireExportBegun)
    const running: RunningExport = { id, from: window.from, end: window.end, askedAt, done: [], count: 0 }
    await writeNote(client, { notBefore: askedAt + ASK_EVERY_MS, running })
    return running
  } catch (error) {
    if (!(error instanceof RetryableError)) throw error
    await giveUp(client, AFTER_FAILURE_MS, error.message)
    return undefined
  }
}

/**
 * The orders of an export as the vendor sent them, file by file, some hundred at a time, with the place reached after them. Returns that
 * place at the end; undefined when the export came to nothing or its files cannot be had (any more). Waits until it is done.
 */
export async function* exportedOrders(
  client: MiraklClient,
  begun: RunningExport,
  signal: AbortSignal,
): AsyncGenerator<{ readonly raws: readonly unknown[]; readonly place: RunningExport }, RunningExport | undefined> {
  const links = await waitForFiles(client, begun, signal)
  if (links === undefined) return undefined
  let place = begun
  for (const link of links) {
    const digest = createHash('sha256').update(link).digest('hex').slice(0, 16)
    if (place.done.includes(digest)) continue
    const orders = await readFile(client, link, signal)
    if (orders === undefined) return undefined
    const { file, ...before } = place
    let at = file?.digest === digest ? file.at : 0
    while (at < orders.length) {
      const raws = orders.slice(at, at + BATCH)
      at += raws.length
      place = { ...before, file: { digest, at } }
      if (at === orders.length) place = { ...before, done: [...before.done, digest], count: before.count + at }
      yield { raws, place }
    }
    if (orders.length === 0) place = { ...before, done: [...before.done, digest] }
  }
  return place
}

/** Nothing is left to read of it. */
export async function finishExport(client: MiraklClient, { askedAt }: RunningExport): Promise<void> {
  await writeNote(client, { notBefore: askedAt + ASK_EVERY_MS })
}

/** The next search of thousands reads pages; only after some time it asks for an export again. */
export async function giveUp(client: MiraklClient, forMs: number, why: string): Promise<void> {
  client.gate.log.warn({ channel: client.settings.channel, why }, 'no order export: orders are read page by page')
  await writeNote(client, { notBefore: client.gate.clock.now() + forMs })
}

/** What was exported is not what the list has. */
export async function distrust(client: MiraklClient, why: string): Promise<void> {
  await giveUp(client, AFTER_REFUSAL_MS, why)
}

async function waitForFiles(
  client: MiraklClient,
  { id, askedAt }: RunningExport,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  const { clock } = client.gate
  await clock.sleep(Math.max(0, askedAt + POLL_MS - clock.now()), signal)
  for (;;) {
    const request: MiraklRequest = {
      operation: 'OR14',
      method: 'GET',
      path: `/api/orders/async-export/status/${encodeURIComponent(id)}`,
      expect: [400, 403, 404, 405, 410],
    }
    const answer = await client.send(request, signal)
    if (answer.status >= 400) return gone(client, request, answer)
    const { status, urls } = readAnswer(client.gate.account, client.callOf(request), answer, wireExportStatus)
    const links = urls ?? []
    if (/^COMPLETED?$/.test(status) && links.length > 0) return links
    const hasEnded = /^(?:COMPLETED?|FAILED|CANCELL?ED)$/.test(status)
    if (hasEnded || clock.now() - askedAt > PATIENCE_MS) {
      await giveUp(client, AFTER_FAILURE_MS, `the export is ${safeText(status)}${hasEnded ? '' : ' for ten minutes'}`)
      return undefined
    }
    await clock.sleep(POLL_MS, signal)
  }
}

/** OR15. A file that cannot be read is no reason to fail: the same orders stand in the list. */
async function readFile(client: MiraklClient, link: string, signal: AbortSignal): Promise<readonly unknown[] | undefined> {
  const request: MiraklRequest = {
    operation: 'OR15',
    method: 'GET',
    path: '',
    link,
    timeoutMs: Math.max(client.settings.timeoutMs, FILE_TIMEOUT_MS),
    expect: [400, 403, 404, 410],
  }
  try {
    const answer = await client.send(request, signal)
    if (answer.status >= 400) return await gone(client, request, answer)
    return readAnswer(client.gate.account, client.callOf(request), answer, wireExportFile).orders
  } catch (error) {
    if (!(error instanceof RetryableError) || (error.status ?? 500) >= 500) throw error
    await giveUp(client, AFTER_FAILURE_MS, error.message)
    return undefined
  }
}

async function gone(client: MiraklClient, request: MiraklRequest, answer: VendorAnswer): Promise<undefined> {
  await giveUp(client, AFTER_FAILURE_MS, `${request.operation} answered ${answer.status}`)
  return undefined
}

async function readNote(client: MiraklClient): Promise<Note> {
  const kept = noteSchema.safeParse(JSON.parse((await client.gate.shared.recall(NOTE)) ?? 'null'))
  return kept.success ? kept.data : { notBefore: 0 }
}

async function writeNote(client: MiraklClient, note: Note): Promise<void> {
  const until = Math.max(note.notBefore, client.gate.clock.now() + KEEP_MS)
  await client.gate.shared.remember(NOTE, JSON.stringify(note), until)
}
