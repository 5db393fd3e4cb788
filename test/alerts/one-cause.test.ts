import { describe, expect, it } from 'vitest'
import { evaluateAlerts } from '../../src/core/alerts/evaluate.ts'
import { sendNotices } from '../../src/core/alerts/send.ts'
import { raiseAlert, resolveAlert } from '../../src/core/db/alerts.ts'
import { aClock, HOUR, MINUTE } from '../world/a-clock.ts'
import { aRun, type TestRun } from '../world/a-run.ts'
import { databases } from '../world/databases.ts'
import { ON_CALL, OPS, type People, people } from './people.ts'

/** What a command does at its end. */
async function commandEnds(run: TestRun, { notifiers }: People): Promise<void> {
  await evaluateAlerts(run)
  await sendNotices(run, notifiers, {})
}

describe.each(databases)('an outage, on $name', (database) => {
  it('is told once by mail and SMS, again only after hours, and its end once', async () => {
    const clock = aClock()
    const them = await people(clock)
    const run = await aRun(database, { clock, settings: { alerts: them.alerts } })
    const alert = {
      rule: 'pull-failed',
      channel: 'amazon-us',
      severity: 'critical',
      next: 'isync doctor --channel amazon-us',
    } as const
    for (let failure = 0; failure < 500; failure += 1) {
      await raiseAlert(run.db, { ...alert, id: run.ids.next(), message: 'amazon-us token: answered 400: refused' }, clock.now())
      if (failure % 50 === 0) await commandEnds(run, them)
    }
    expect(them.mail.mails).toHaveLength(1)
    expect(them.twilio.sent).toHaveLength(1)
    const [mail] = them.mail.mails
    expect(mail?.to).toEqual([OPS])
    expect(mail?.headers['subject']).toBe('[isync] CRITICAL amazon-us: orders cannot be read')
    expect(mail?.text).toContain('next:  isync doctor --channel amazon-us')
    expect(mail?.html).toContain('isync doctor --channel amazon-us')
    expect(them.twilio.sent[0]).toMatchObject({ to: ON_CALL, from: '+15557770000' })
    expect(them.twilio.sent[0]?.body).toMatch(/^isync CRITICAL amazon-us: .* Run: isync doctor --channel amazon-us$/)

    clock.advance(4 * HOUR)
    await raiseAlert(run.db, { ...alert, id: run.ids.next(), message: 'still refused' }, clock.now())
    await commandEnds(run, them)
    await commandEnds(run, them)
    expect(them.mail.mails.map(({ headers }) => headers['subject'])).toEqual([
      '[isync] CRITICAL amazon-us: orders cannot be read',
      '[isync] STILL CRITICAL amazon-us: orders cannot be read',
    ])

    await resolveAlert(run.db, 'pull-failed', 'amazon-us', clock.now())
    await commandEnds(run, them)
    expect(them.mail.mails).toHaveLength(2)
    clock.advance(10 * MINUTE)
    await commandEnds(run, them)
    await commandEnds(run, them)
    expect(them.mail.mails).toHaveLength(3)
    expect(them.mail.mails[2]?.headers['subject']).toBe('[isync] OVER amazon-us: orders cannot be read')
    expect(them.twilio.sent).toHaveLength(3)
    expect(them.twilio.sent[2]?.body).toContain('isync OVER amazon-us')
  })
})
