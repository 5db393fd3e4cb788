import type { AlertSettings } from '../../core/context.ts'
import { type Medium, media } from '../../core/ports/notifier.ts'
import type { RetryPlan } from '../../core/tasks/policy.ts'
import type { Configuration } from './configuration.ts'

/** Who is told of what; media that are not configured are left out. */
export function alertSettings({ alerts }: Configuration): AlertSettings {
  const { orders, confirmations, publications } = alerts
  const configured = configuredMedia(alerts)
  const among = (wanted: readonly string[]) => configured.filter((medium) => wanted.includes(medium))
  return {
    routes: { warning: among(alerts.warning), critical: among(alerts.critical) },
    recipients: alerts.sms === undefined ? {} : { sms: alerts.sms.to },
    renotifyMs: alerts.renotify,
    resolveAfterMs: alerts.resolve_after,
    downAfter: alerts.down_after,
    rates: { orders, confirmations, publications },
  }
}

/** What of email, sms and slack has a section of its own. */
export function configuredMedia(alerts: Configuration['alerts']): readonly Medium[] {
  return media.filter((medium) => alerts[medium] !== undefined)
}

/** How often and how late a message is tried again. */
export function notifyPlan({ alerts: { retry }, retry: { jitter } }: Configuration): RetryPlan {
  return {
    retries: retry.retries,
    firstDelayMs: retry.first_delay,
    factor: retry.factor,
    maxDelayMs: retry.max_delay,
    jitter,
  }
}

/** What each configured medium needs to know. */
export function mediaSettings({ email, sms, slack }: Configuration['alerts']) {
  return {
    ...(email === undefined ? {} : { email: { ...email, timeoutMs: email.timeout } }),
    ...(sms === undefined ? {} : { sms: smsSettings(sms) }),
    ...(slack === undefined ? {} : { slack: { webhookUrl: slack.webhook_url, timeoutMs: slack.timeout } }),
  }
}

function smsSettings(sms: NonNullable<Configuration['alerts']['sms']>) {
  const { account_sid, api_key_sid, messaging_service_sid, token, from, to, endpoint, timeout } = sms
  return {
    accountSid: account_sid,
    token,
    to,
    timeoutMs: timeout,
    ...(api_key_sid === undefined ? {} : { apiKeySid: api_key_sid }),
    ...(messaging_service_sid === undefined ? {} : { messagingServiceSid: messaging_service_sid }),
    ...(from === undefined ? {} : { from }),
    ...(endpoint === undefined ? {} : { endpoint }),
  }
}

/** By these two processes see that they use the same account's credentials. */
export function mediumCredentials({ email, sms, slack }: Configuration['alerts'], medium: Medium): readonly string[] {
  if (medium === 'email') return [email?.host ?? '', email?.user ?? '', email?.password ?? '']
  return medium === 'sms' ? [sms?.account_sid ?? '', sms?.token ?? ''] : [slack?.webhook_url ?? '']
}
