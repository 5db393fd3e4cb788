import type { Run } from '../context.ts'
import { resetCircuit } from '../db/account.ts'
import { raiseAlert, resolveAlert } from '../db/alerts.ts'
import { markNoticeSent, type NoticeRow, noticesByIds, waitingNotices } from '../db/notices.ts'
import { isConnectorError, PermanentError, RefusedByDryRun } from '../errors.ts'
import type { ClaimedTask } from '../model/task.ts'
import type { Delivery, Medium, Message, Notifier, SendOptions } from '../ports/notifier.ts'
import { type Claim, type TaskResult, type WorkReport, workTasks } from '../tasks/work.ts'
import { testMessage } from './test-message.ts'

/** A message that waits longer than this is an alert of its own, told by the other media. */
const LATE_MS = 15 * 60_000

export interface Sending {
  /** Messages to send, whenever they are due; nothing given means all that are due. */
  readonly ids?: readonly string[]
  /** The longest that one message may take, in milliseconds, where it is to be less than the configured time. */
  readonly timeoutMs?: number
}

/** How the messages of one medium fared. */
export interface Sent {
  readonly medium: Medium
  readonly work: WorkReport
}

/** Works the messages that are due, the media side by side. A medium that fails keeps its messages for later. */
export function sendNotices(run: Run, notifiers: readonly Notifier[], how: Sending): Promise<readonly Sent[]> {
  return Promise.all(notifiers.map(async (notifier) => ({ medium: notifier.medium, work: await sendBy(run, notifier, how) })))
}

async function sendBy(run: Run, notifier: Notifier, { ids, timeoutMs }: Sending): Promise<WorkReport> {
  const refused: string[] = []
  const work = await workTasks(run, {
    kind: 'notify',
    channel: notifier.medium,
    ...(ids === undefined ? {} : { ids }),
    batch: 1,
    settleMs: notifier.settleMs,
    // What the other side says of our own people's addresses may be kept.
    maskFor: async () => (text) => text,
    async handle(claim, results) {
      for (const task of claim.tasks) await sendOne({ run, notifier, claim, results, timeoutMs, refused }, task)
    },
  })
  await noteMedium(run, notifier.medium, work, refused)
  return work
}

interface Hands {
  readonly run: Run
  readonly notifier: Notifier
  readonly claim: Claim
  readonly results: Map<string, TaskResult>
  readonly timeoutMs: number | undefined
  /** Takes recipients that the other side did not take. */
  readonly refused: string[]
}

async function sendOne({ run, notifier, claim, results, timeoutMs, refused }: Hands, task: ClaimedTask): Promise<void> {
  const notice = (await noticesByIds(run.db, [task.key])).get(task.key)
  if (notice === undefined) {
    results.set(task.id, { status: 'done' })
    return
  }
  if (notice.recipient !== '' && !notifier.recipients.includes(notice.recipient)) {
    results.set(task.id, doneWith(run, notice, 'not sent: the recipient is not in the configuration any more'))
    return
  }
  const message = messageOf(notice)
  const how = { signal: claim.signal, ...(timeoutMs === undefined ? {} : { timeoutMs }) }
  try {
    const before = task.sentAt === null ? undefined : await notifier.find?.(message, task.sentAt, how)
    if (before !== undefined) {
      results.set(task.id, doneWith(run, notice, answerOf(before)))
      return
    }
    if ((await claim.markSent([task])).length === 0) return
    const delivery = await notifier.send(message, how)
    refused.push(...delivery.refused)
    results.set(task.id, doneWith(run, notice, answerOf(delivery)))
  } catch (error) {
    // One message that nobody wants must not hold up the others; whatever else it is, the medium is in trouble.
    if (!(error instanceof PermanentError)) throw error
    results.set(task.id, { status: 'failed', error })
  }
}

function messageOf({ id, subject, body, html, recipient, created_at }: NoticeRow): Message {
  return {
    id,
    subject,
    text: body,
    ...(html === null ? {} : { html }),
    ...(recipient === '' ? {} : { recipient }),
    createdAt: created_at,
  }
}

function doneWith(run: Run, { id }: NoticeRow, answer: string): TaskResult {
  return { status: 'done', record: (tx) => markNoticeSent(tx, id, answer, run.clock.now()) }
}

function answerOf({ answer, refused }: Delivery): string {
  return refused.length === 0 ? answer : `${answer}; refused: ${refused.join(', ')}`
}

/** A medium that does not work is an alert; it ends with the first message that leaves. */
async function noteMedium(run: Run, medium: Medium, work: WorkReport, refused: readonly string[]): Promise<void> {
  const { done, problems, stoppedBy } = work
  if (refused.length > 0) {
    await raiseTrouble(
      run,
      medium,
      'warning',
      `${refused.length} of the configured recipients were refused: ${refused.join(', ')}`,
    )
    return
  }
  if (stoppedBy === undefined) {
    if (done > 0 && problems.length === 0) await resolveAlert(run.db, 'notify-failed', medium, run.clock.now())
    return
  }
  const waiting = (await waitingNotices(run.db)).get(medium)
  const isLate = waiting !== undefined && run.clock.now() - waiting.oldest > LATE_MS
  const isRefused = stoppedBy.kind === 'auth'
  if (!isRefused && !isLate) return
  const many = waiting === undefined ? '' : `${waiting.count} message(s) wait: `
  await raiseTrouble(run, medium, isRefused ? 'critical' : 'warning', `${many}${stoppedBy.message}`)
}

async function raiseTrouble(run: Run, medium: Medium, severity: 'warning' | 'critical', message: string): Promise<void> {
  const next = `isync alerts:test --medium ${medium}`
  await raiseAlert(
    run.db,
    { id: run.ids.next(), rule: 'notify-failed', channel: medium, severity, message, next },
    run.clock.now(),
  )
}

/** How a test fared. `recipient`: one where the medium tells them apart, else all. `answer`: what the other side said, or what failed. */
export interface Tested {
  readonly recipient: string
  readonly ok: boolean
  readonly answer: string
}

/** Sends a marked test by this medium at once and past the books, though its credentials were refused before: who asks has mended them. */
export async function sendTests(run: Run, notifier: Notifier): Promise<readonly Tested[]> {
  const { medium, recipients, oneByOne } = notifier
  await resetCircuit(run.db, medium)
  const tested: Tested[] = []
  for (const recipient of oneByOne ? recipients : [undefined]) {
    const sent = await sendNow(notifier, testMessage(run, medium, recipient), { signal: run.signal })
    tested.push({ recipient: recipient ?? recipients.join(', '), ...sent })
  }
  return tested
}

async function sendNow(notifier: Notifier, message: Message, how: SendOptions): Promise<Pick<Tested, 'ok' | 'answer'>> {
  try {
    return { ok: true, answer: answerOf(await notifier.send(message, how)) }
  } catch (error) {
    if (error instanceof RefusedByDryRun) return { ok: true, answer: 'would be sent' }
    if (isConnectorError(error)) return { ok: false, answer: error.message }
    throw error
  }
}
