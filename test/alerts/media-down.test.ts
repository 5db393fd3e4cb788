import { describe, expect, it } from 'vitest'
import { evaluateAlerts } from '../../src/core/alerts/evaluate.ts'
import { sendNotices } from '../../src/core/alerts/send.ts'
import { openAlerts, raiseAlert, type Severity } from '../../src/core/db/alerts.ts'
import { aClock, MINUTE, SECOND } from '../world/a-clock.ts'
import { aRun, type TestRun } from '../world/a-run.ts'
import { databases } from '../world/databases.ts'
import { startMailServer } from './mail-server.ts'
import { type People, people } from './people.ts'

async function trouble(run: TestRun, severity: Severity): Promise<void> {
  const alert = {
    id: run.ids.next(),
    rule: 'missing-orders',
    channel: 'amazon-us',
    severity,
    message: '12 of 90: A-1, A-2',
    next: 'isync reconcile',
  }
  await raiseAlert(run.db, alert, run.clock.now())
  await evaluateAlerts(run)
}

function send(run: TestRun, { notifiers }: People) {
  return sendNotices(run, notifiers, {})
}

function waiting(run: TestRun) {
  return run.db.rows(`select channel, state, attempts from tasks where kind = 'notify' and state <> 'done' order by channel`)
}

describe.each(databases)('a medium that does not work, on $name', (database) => {
  it('mail server down: nothing is lost, the mail arrives when it is back, once, as the same message', async () => {
    const clock = aClock()
    const them = await people(clock)
    const run = await aRun(database, { clock, settings: { alerts: them.alerts } })
    await them.mail.stop()
    await trouble(run, 'critical')
    await send(run, them)
    expect(them.twilio.sent).toHaveLength(1)
    expect(await waiting(run)).toMatchObject([{ channel: 'email', state: 'waiting', attempts: 1 }])

    const back = await startMailServer({}, them.mail.port)
    clock.advance(30 * SECOND)
    await send(run, them)
    await send(run, them)
    const [notice] = await run.db.rows<{ id: string }>(`select id from notices where medium = 'email'`)
    expect(back.mails.map(({ headers }) => headers['message-id'])).toEqual([`<${notice?.id}@seller.example>`])
    expect(await waiting(run)).toEqual([])
  })

  it('mail server busy, then full, then well: tried again until it is taken', async () => {
    const clock = aClock()
    const them = await people(clock)
    const run = await aRun(database, { clock, settings: { alerts: them.alerts } })
    them.mail.moods.push(421, 451)
    await trouble(run, 'warning')
    for (const wait of [0, MINUTE, MINUTE]) {
      clock.advance(wait)
      await send(run, them)
    }
    expect(them.mail.mails).toHaveLength(1)
  })

  it('a mail server that takes a message and says nothing: it comes again with the same Message-ID', async () => {
    const clock = aClock()
    const them = await people(clock, { warning: ['email'], critical: ['email'] }, 300)
    const run = await aRun(database, { clock, settings: { alerts: them.alerts } })
    them.mail.moods.push('hang')
    await trouble(run, 'warning')
    await send(run, them)
    clock.advance(MINUTE)
    await send(run, them)
    expect(new Set(them.mail.mails.map(({ headers }) => headers['message-id'])).size).toBe(1)
    expect(await waiting(run)).toEqual([])
  })

  it('an address that the mail server does not know: the others get it, and it is an alert for the other media', async () => {
    const clock = aClock()
    const them = await people(clock, { warning: ['email', 'slack'], critical: ['email'] })
    const run = await aRun(database, { clock, settings: { alerts: them.alerts } })
    them.mail.unknown.add('ops@seller.example')
    await trouble(run, 'warning')
    await send(run, them)
    expect(them.mail.mails).toEqual([])
    expect((await openAlerts(run.db)).map(({ rule, channel }) => `${rule} ${channel}`)).toContain('dead-notify email')
    await evaluateAlerts(run)
    await send(run, them)
    expect(them.slack.heard.at(-1)?.body).toContain('messages were given up')
    expect(them.mail.mails).toEqual([])
  })

  it('Twilio 500: the message arrives later, once', async () => {
    const clock = aClock()
    const them = await people(clock)
    const run = await aRun(database, { clock, settings: { alerts: them.alerts } })
    them.twilio.moods.push('down')
    await trouble(run, 'critical')
    await send(run, them)
    expect(them.twilio.sent).toEqual([])
    clock.advance(MINUTE)
    await send(run, them)
    await send(run, them)
    expect(them.twilio.sent).toHaveLength(1)
  })

  it('Twilio takes the message and the answer is lost: it is looked up and not sent again', async () => {
    const clock = aClock()
    const them = await people(clock)
    const run = await aRun(database, { clock, settings: { alerts: them.alerts } })
    them.twilio.moods.push('cut')
    await trouble(run, 'critical')
    await send(run, them)
    expect(them.twilio.sent).toHaveLength(1)
    clock.advance(MINUTE)
    await send(run, them)
    expect(them.twilio.heard.map(({ method }) => method)).toEqual(['POST', 'GET'])
    expect(them.twilio.sent).toHaveLength(1)
    expect(await run.db.rows(`select answer from notices where medium = 'sms'`)).toEqual([
      { answer: `queued as SM${'1'.padStart(32, '0')}` },
    ])
  })

  it.each(['busy', 'nonsense'] as const)('Twilio %s: it waits and the message arrives', async (mood) => {
    const clock = aClock()
    const them = await people(clock)
    const run = await aRun(database, { clock, settings: { alerts: them.alerts } })
    them.twilio.moods.push(mood)
    await trouble(run, 'critical')
    await send(run, them)
    clock.advance(MINUTE)
    await send(run, them)
    expect(them.twilio.sent).toHaveLength(1)
  })

  it('Twilio refuses the login: people hear it by mail, at once', async () => {
    const clock = aClock()
    const them = await people(clock)
    const run = await aRun(database, { clock, settings: { alerts: them.alerts } })
    them.twilio.moods.push('login')
    await trouble(run, 'critical')
    await send(run, them)
    await evaluateAlerts(run)
    await send(run, them)
    expect(them.mail.mails.map(({ headers }) => headers['subject'])).toEqual([
      '[isync] CRITICAL amazon-us: orders were missing in ShipStation',
      '[isync] CRITICAL sms: messages do not leave',
    ])
    expect(them.twilio.sent).toEqual([])
  })

  it('Slack 429: it waits as long as Slack says, spends no try, and arrives once', async () => {
    const clock = aClock()
    const them = await people(clock, { warning: ['slack'], critical: ['slack'] })
    const run = await aRun(database, { clock, settings: { alerts: them.alerts } })
    them.slackMoods.push(429)
    await trouble(run, 'warning')
    await send(run, them)
    expect(await waiting(run)).toMatchObject([{ channel: 'slack', attempts: 0 }])
    clock.advance(44 * SECOND)
    await send(run, them)
    expect(them.slack.heard).toHaveLength(1)
    clock.advance(SECOND)
    await send(run, them)
    await send(run, them)
    expect(them.slack.exchanges.map(({ reply }) => reply?.status)).toEqual([429, 200])
    expect(JSON.parse(them.slack.heard[1]?.body ?? '')).toMatchObject({ text: expect.stringContaining('12 of 90: A-1, A-2') })
  })

  it('an hour without mail: no repetitions pile up, and the trouble is told by SMS', async () => {
    const clock = aClock()
    const them = await people(clock)
    const run = await aRun(database, { clock, settings: { alerts: { ...them.alerts, renotifyMs: 5 * MINUTE } } })
    await them.mail.stop()
    for (let minute = 0; minute < 60; minute += 5) {
      await trouble(run, 'warning')
      await send(run, them)
      clock.advance(5 * MINUTE)
    }
    expect(await run.db.rows(`select subject from notices where medium = 'email'`)).toHaveLength(1)
    expect(them.twilio.sent[0]?.body).toContain('isync WARNING email: messages do not leave')
    expect(them.twilio.sent.slice(1).every(({ body }) => body.startsWith('isync STILL WARNING email:'))).toBe(true)
  })
})
