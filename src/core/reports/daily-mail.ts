import { sendNotices } from '../alerts/send.ts'
import type { Run } from '../context.ts'
import { mailedReport } from '../db/daily.ts'
import type { LeaseHolder } from '../db/leases.ts'
import { addNotices } from '../db/notices.ts'
import type { Notifier } from '../ports/notifier.ts'
import { exclusively } from '../tasks/exclusive.ts'
import type { DailyReport } from './daily.ts'
import { dailyHtml } from './daily-html.ts'
import { dailyText } from './daily-text.ts'
import { subjectOf } from './daily-words.ts'

/**
 * What became of the mail. `waiting`: not taken yet, it is tried again. `already`: an earlier run mailed this day's report, or will.
 * `elsewhere`: another run is at it.
 */
export type Mailed =
  | { readonly state: 'sent' }
  | { readonly state: 'waiting'; readonly why: string }
  | { readonly state: 'already'; readonly since: number; readonly sent: boolean }
  | { readonly state: 'elsewhere'; readonly holder: LeaseHolder | undefined }

/**
 * Mails the report, once a day of it however many runs are started; `again` mails it once more. It is a task: what the mail server does not take
 * now, `alerts:check` and `retry` send later.
 */
export async function mailReport(run: Run, report: DailyReport, email: Notifier, again: boolean): Promise<Mailed> {
  const attempt = await exclusively(run, 'report:daily', async (signal): Promise<Mailed> => {
    const before = again ? undefined : await mailedReport(run.db, report.day)
    if (before !== undefined)
      return { state: 'already', since: before.sent_at ?? before.created_at, sent: before.sent_at !== null }
    const id = run.ids.next()
    const words = { subject: subjectOf(report), text: dailyText(report).join('\n'), html: dailyHtml(report) }
    const notice = { id, medium: 'email', kind: 'report', recipient: '', alertIds: [], ...words } as const
    await run.db.transaction((tx) => addNotices(tx, [notice], run.clock.now()))
    const sent = await sendNotices({ ...run, signal }, [email], { ids: [id] })
    const why = sent.flatMap(({ work }) => [work.stoppedBy?.message, ...work.problems.map((problem) => problem.why)])
    if (sent.some(({ work }) => work.done > 0)) return { state: 'sent' }
    return { state: 'waiting', why: why.find((text) => text !== undefined) ?? 'the run was told to stop' }
  })
  return attempt.ran ? attempt.result : { state: 'elsewhere', holder: attempt.holder }
}
