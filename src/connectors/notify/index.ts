import type { Medium, Notifier } from '../../core/ports/notifier.ts'
import type { Gate } from '../http/gate.ts'
import type { EmailSettings } from './email.ts'
import type { SlackSettings } from './slack.ts'
import type { SmsSettings } from './sms.ts'

/** What is configured of each medium. */
export interface MediaSettings {
  readonly email?: EmailSettings
  readonly sms?: SmsSettings
  readonly slack?: SlackSettings
}

/** The configured media. Each is loaded when there is one of it. */
export async function createNotifiers(gateFor: (medium: Medium) => Gate, settings: MediaSettings): Promise<readonly Notifier[]> {
  const { email, sms, slack } = settings
  const found: Notifier[] = []
  if (email !== undefined) found.push((await import('./email.ts')).createEmailNotifier(gateFor('email'), email))
  if (sms !== undefined) found.push((await import('./sms.ts')).createSmsNotifier(gateFor('sms'), sms))
  if (slack !== undefined) found.push((await import('./slack.ts')).createSlackNotifier(gateFor('slack'), slack))
  return found
}
