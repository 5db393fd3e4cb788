import { duration, factor, integer, listOf, oneOf, origin, parsed, secret, section, text } from '../fields.ts'

const mailAddress = /^[^\s@<>",;:]+@[^\s@<>",;:]+$/
/** E.164 */
const phoneNumber = /^\+[1-9]\d{6,14}$/

function matching(pattern: RegExp): (value: string) => string | undefined {
  return (value) => (pattern.test(value) ? value : undefined)
}

const limits = (warning: string, critical: string, what: string) =>
  section({
    warning: integer(0, 1_000_000, `More ${what} in an hour than this raise a warning`).prefault(warning),
    critical: integer(0, 1_000_000, `More ${what} in an hour than this are critical`).prefault(critical),
  }).prefault({})

const email = section({
  host: text('a host name or address', 'The mail server'),
  port: integer(1, 65_535, 'Its port: 587 with starttls, 465 with tls').prefault('587'),
  security: oneOf(
    ['starttls', 'tls', 'none'],
    'How the connection is encrypted. starttls: it must be, before anything else is said; tls: from the start; none: not at all, only for a server on this machine or a private network',
  ).prefault('starttls'),
  user: text('a user name', 'Who logs in; without it nobody does').exactOptional(),
  password: secret('Password of that user').exactOptional(),
  from: parsed('a mail address', 'Sender', matching(mailAddress)),
  to: listOf('a mail address', matching(mailAddress), 'Who is told'),
  timeout: duration('1s', '2m', 'Longest wait for the mail server').prefault('30s'),
}).superRefine((value, context) => {
  if ((value.user === undefined) !== (value.password === undefined))
    context.addIssue({ code: 'custom', path: ['user'], message: 'user and password belong together' })
  if (value.user !== undefined && value.security === 'none' && !isLoopback(value.host))
    context.addIssue({
      code: 'custom',
      path: ['security'],
      message: 'must be starttls or tls where a password is sent to another machine',
    })
  if (value.to.length === 0) context.addIssue({ code: 'custom', path: ['to'], message: 'must name at least one mail address' })
})

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\./.test(host)
}

const sms = section({
  account_sid: parsed('an account SID such as AC and 32 hexadecimal digits', 'Twilio account', matching(/^AC[0-9a-fA-F]{32}$/)),
  api_key_sid: parsed(
    'an API key SID such as SK and 32 hexadecimal digits',
    "Twilio API key; without it the account's own token is used",
    matching(/^SK[0-9a-fA-F]{32}$/),
  ).exactOptional(),
  token: secret("Secret of the API key, or the account's auth token"),
  from: parsed('a number such as +15551234567', 'Sender', matching(phoneNumber)).exactOptional(),
  messaging_service_sid: parsed(
    'a messaging service SID such as MG and 32 hexadecimal digits',
    'Twilio messaging service that chooses the sender',
    matching(/^MG[0-9a-fA-F]{32}$/),
  ).exactOptional(),
  to: listOf('a number such as +15551234567', matching(phoneNumber), 'Who is told'),
  endpoint: origin("Origin that replaces Twilio's own").exactOptional(),
  timeout: duration('1s', '2m', 'Longest wait for one answer').prefault('30s'),
}).superRefine((value, context) => {
  if ((value.from === undefined) === (value.messaging_service_sid === undefined))
    context.addIssue({ code: 'custom', path: ['from'], message: 'either from or messaging_service_sid must be given' })
  if (value.to.length === 0) context.addIssue({ code: 'custom', path: ['to'], message: 'must name at least one number' })
})

const slack = section({
  webhook_url: secret('Incoming webhook of the Slack channel'),
  timeout: duration('1s', '2m', 'Longest wait for the answer').prefault('30s'),
}).superRefine((value, context) => {
  if (!isWebhook(value.webhook_url))
    context.addIssue({ code: 'custom', path: ['webhook_url'], message: 'must be an https address, or http on this machine' })
})

function isWebhook(value: string): boolean {
  if (!URL.canParse(value)) return false
  const url = new URL(value)
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname))
}

const mediumList = (description: string) =>
  listOf('email, sms or slack', (value) => (['email', 'sms', 'slack'].includes(value) ? value : undefined), description)

/** Who is told of what, how, and from when on. */
export const alertsSection = section({
  email: email.exactOptional(),
  sms: sms.exactOptional(),
  slack: slack.exactOptional(),
  warning: mediumList('By what people are told of warnings; what is not configured is left out').prefault(['email', 'slack']),
  critical: mediumList('By what people are told of critical alerts').prefault(['email', 'sms', 'slack']),
  renotify: duration('5m', '30d', 'An alert that goes on is told again after this long').prefault('4h'),
  resolve_after: duration('0s', '24h', 'The end of an alert is told when it has not come back for this long').prefault('10m'),
  down_after: integer(
    1,
    100,
    'So many failed runs of one account in a row before people are told; refused credentials at once',
  ).prefault('3'),
  orders: limits('10', '50', 'orders that could not be created in ShipStation'),
  confirmations: limits('20', '100', 'packages that could not be confirmed to a channel'),
  publications: limits('10', '50', 'SKUs whose quantity a channel did not take'),
  retry: section({
    retries: integer(0, 10_000, 'Retries after the first try of a message').prefault('200'),
    first_delay: duration('1s', '1h', 'Wait before the first retry').prefault('30s'),
    factor: factor(1, 10, 'Each further wait is this many times the last').prefault('2'),
    max_delay: duration('1s', '24h', 'Longest wait between two retries').prefault('10m'),
  }).prefault({}),
})
