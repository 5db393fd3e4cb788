import { createNotifiers, type MediaSettings } from '../../src/connectors/notify/index.ts'
import type { AlertSettings } from '../../src/core/context.ts'
import type { Medium, Notifier } from '../../src/core/ports/notifier.ts'
import type { TestClock } from '../world/a-clock.ts'
import { settings } from '../world/a-run.ts'
import { testGate } from '../world/gate.ts'
import { type MailServer, startMailServer } from './mail-server.ts'
import { ACCOUNT_SID, startTwilio, TOKEN, type Twilio } from './twilio.ts'
import { startWebServer, type WebServer } from './web-server.ts'

/** The people who are told, and what reaches them. */
export interface People {
  readonly mail: MailServer
  readonly twilio: Twilio
  readonly slack: WebServer
  /** How Slack takes the next messages. */
  readonly slackMoods: number[]
  readonly notifiers: readonly Notifier[]
  readonly media: MediaSettings
  readonly alerts: AlertSettings
}

export const OPS = 'ops@seller.example'
export const ON_CALL = '+15557770001'

/** Mail for everything, SMS and Slack as told; servers of all three on this machine. */
export async function people(
  clock: TestClock,
  routes: AlertSettings['routes'] = { warning: ['email'], critical: ['email', 'sms'] },
  timeoutMs = 5_000,
): Promise<People> {
  const slackMoods: number[] = []
  const [mail, twilio, slack] = await Promise.all([
    startMailServer(),
    startTwilio(() => clock.now()),
    startWebServer(() => {
      const status = slackMoods.shift() ?? 200
      return { status, headers: status === 429 ? { 'retry-after': '45' } : {}, body: status === 200 ? 'ok' : 'no_service' }
    }),
  ])
  const media: MediaSettings = {
    email: { host: '127.0.0.1', port: mail.port, security: 'none', from: 'isync@seller.example', to: [OPS], timeoutMs },
    sms: { accountSid: ACCOUNT_SID, token: TOKEN, from: '+15557770000', to: [ON_CALL], endpoint: twilio.origin, timeoutMs },
    slack: { webhookUrl: `${slack.origin}/services/T0/B0/made-up`, timeoutMs },
  }
  const gates = (medium: Medium) => testGate(medium, { clock }).gate
  const wanted = [...routes.warning, ...routes.critical]
  const all = await createNotifiers(gates, media)
  return {
    mail,
    twilio,
    slack,
    slackMoods,
    media,
    notifiers: all.filter(({ medium }) => wanted.includes(medium)),
    alerts: { ...settings.alerts, routes, recipients: { sms: [ON_CALL] } },
  }
}
