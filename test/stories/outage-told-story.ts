import { expect, onTestFinished } from 'vitest'
import { type MailServer, startMailServer } from '../alerts/mail-server.ts'
import { ACCOUNT_SID, startTwilio, TOKEN, type Twilio } from '../alerts/twilio.ts'
import { startWebServer, type WebServer } from '../alerts/web-server.ts'
import type { TestDatabase } from '../world/databases.ts'
import { type Ran, startWorld, type World } from '../world/loop.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** In every personal value of this story. */
const CANARY = /canar|5550199/i
const OPS = 'ops@seller.example'
const SLACK_PATH = '/services/T0/B0/made-up'
const ON_CALL = '+15557770001'

const person = {
  name: 'Canarina Canarius',
  line1: '1 Canary Wharf',
  line2: 'Canary Floor 2',
  city: 'Canaryville',
  state: 'CANARYSTATE',
  postal: 'CANARY99',
  phone: '+1 555 0199 0199',
}
const email = 'canarina@canarius.example'
/** One cause for all of them, in the words of a vendor that repeats what it was given. */
const refusal = `Invalid state for ${person.name} (${email}, ${person.phone}), ${person.line1}, ${person.line2}, ${person.city}, ${person.state} ${person.postal}`

/** Cron is not the subject here: it starts nothing of all this, and nobody is to be told of that. */
const watched = [
  ...['orders:pull', 'orders:push-shipstation', 'tracking:sync', 'retry', 'reconcile', 'purge', 'alerts:check'],
  ...['inventory:full', 'inventory:delta', 'inventory:rebalance', 'report:daily'],
]

interface Outage {
  readonly world: World
  readonly mail: MailServer
  readonly twilio: Twilio
  readonly slack: WebServer
  readonly outputs: string[]
  /** Starts the program; fails the test where it ends with none of these codes. */
  isync(codes: readonly number[], ...args: readonly string[]): Promise<Ran>
}

interface Plan {
  readonly amazon: number
  readonly mirakl: number
  /** Further runs of cron before the cause is mended, a quarter of an hour apart. */
  readonly rounds: number
}

/**
 * ShipStation refuses every order for one cause, in words that name the buyer. Nobody gets a message per order: one by mail, one by SMS,
 * one by Slack, and nothing more while it lasts; when it is mended, one more that says so. And none of them names anybody.
 */
export async function tellOfRefusedOrders(database: TestDatabase, plan: Plan): Promise<void> {
  const outage = await begin(database)
  const { world, isync, mail, twilio, slack } = outage
  const numbers = buy(world, plan)
  world.clock.advance(5 * MINUTE)
  await isync([0], 'orders:pull')
  world.sandbox.seed('shipstation', { reject: Object.fromEntries(numbers.map((number) => [number, refusal])) })
  await isync([3], 'orders:push-shipstation')
  expect(inShipStation(world)).toEqual([])

  // It goes on, with more of them given up in each run, and whoever looks again is told nothing that is known.
  for (let n = 0; n < plan.rounds; n += 1) {
    world.clock.advance(15 * MINUTE)
    await isync([0, 3], 'orders:push-shipstation')
    await isync([0], 'alerts:check')
  }
  expect([mail.mails, twilio.sent, slack.heard].map(({ length }) => length)).toEqual([1, 1, 1])
  const [opening] = mail.mails
  expect(opening?.to).toEqual([OPS])
  expect(opening?.headers['subject']).toMatch(/^\[isync\] CRITICAL .*: orders fail on their way to ShipStation/)
  expect(opening?.text).toMatch(/^ {2}next: {2}isync retry --kind push/m)
  expect(opening?.html).toContain('isync retry --kind push')
  expect(twilio.sent[0]).toMatchObject({ to: ON_CALL, body: expect.stringMatching(/^isync CRITICAL .*Run: isync /) })
  const opened = alertsIn(opening?.text, 'CRITICAL', 'WARNING')
  expect(opened.length).toBeGreaterThan(0)

  world.sandbox.seed('shipstation', { reject: Object.fromEntries(numbers.map((number) => [number, null])) })
  await isync([0], 'retry', '--dead', '--yes')
  for (let n = 0; n < 4 && inShipStation(world).length < numbers.length; n += 1) {
    world.clock.advance(15 * MINUTE)
    await isync([0], 'orders:push-shipstation')
  }
  expect(inShipStation(world)).toEqual(numbers.toSorted())
  // The rate is over when its hour has passed; what was given up was part of it, and is over without a word of its own.
  for (const wait of [15 * MINUTE, 2 * HOUR, 15 * MINUTE, 15 * MINUTE]) {
    world.clock.advance(wait)
    await isync([0], 'alerts:check')
  }
  expect(twilio.sent.map(({ body }) => body.slice(0, 11))).toEqual(['isync CRITI', 'isync OVER '])
  const later = mail.mails.slice(1)
  expect(later).toHaveLength(1)
  expect(later.flatMap(({ text }) => alertsIn(text, 'CRITICAL', 'WARNING', 'STILL', 'NOW'))).toEqual([])
  expect(later.flatMap(({ text }) => alertsIn(text, 'OVER')).toSorted()).toEqual(opened.toSorted())
  expect(slack.heard).toHaveLength(mail.mails.length)
  namesNobody(outage)
}

/** `amazon-us: orders fail on their way to ShipStation`: the alerts of a mail whose lines begin with one of these words. */
function alertsIn(text: string | undefined, ...badges: readonly string[]): readonly string[] {
  const head = new RegExp(`^(?:${badges.join('|')})[A-Z ]* ([^\\s:]+: .*?)\\r?$`, 'gm')
  return [...(text ?? '').matchAll(head)].map(([, alert]) => alert ?? '')
}

function namesNobody({ world, mail, twilio, slack, outputs }: Outage): void {
  // The person was there to be named: the vendor that ships has the address, and the messages quote the vendor's words.
  expect(JSON.stringify(world.sandbox.books('shipstation'))).toContain(person.line1)
  expect(mail.mails[0]?.text).toContain('Invalid state for [personal]')
  for (const { raw, text, html } of mail.mails) for (const form of [raw, text, html]) expect(form).not.toMatch(CANARY)
  for (const { body } of [...twilio.sent, ...twilio.heard, ...slack.heard]) {
    expect(body).not.toMatch(CANARY)
    expect(decodeURIComponent(body.replaceAll('+', ' '))).not.toMatch(CANARY)
  }
  for (const output of outputs) {
    expect(output).not.toMatch(CANARY)
    for (const secret of [TOKEN, SLACK_PATH]) expect(output).not.toContain(secret)
  }
}

function buy({ sandbox }: World, plan: Plan): readonly string[] {
  const amazon = Array.from({ length: plan.amazon }, (_, n) => `111-0000000-${String(n + 1).padStart(7, '0')}`)
  const mirakl = Array.from({ length: plan.mirakl }, (_, n) => `M-${String(n + 1).padStart(5, '0')}`)
  const { name, line1, line2, city, state, postal, phone } = person
  sandbox.act(
    'amazon',
    'add-orders',
    amazon.map((order_id) => ({
      order_id,
      buyer: { name, email },
      ship_to: { name, line1, line2, city, state, postal, phone },
    })),
  )
  const [firstname, lastname] = name.split(' ')
  sandbox.act(
    'mirakl',
    'add-orders',
    mirakl.map((order_id) => ({
      order_id,
      state: 'SHIPPING',
      customer: { firstname, lastname, email },
      ship_to: { firstname, lastname, street_1: line1, street_2: line2, city, state, zip_code: postal, phone },
    })),
  )
  return [...amazon, ...mirakl]
}

function inShipStation({ sandbox }: World): readonly string[] {
  const { orders } = sandbox.books('shipstation') as { readonly orders: readonly { readonly order_number: string }[] }
  return orders.map(({ order_number }) => order_number).toSorted()
}

async function begin(database: TestDatabase): Promise<Outage> {
  const clock: { now?: () => number } = {}
  const [mail, twilio, slack] = await Promise.all([
    startMailServer(),
    startTwilio(() => clock.now?.() ?? 0),
    startWebServer(() => ({ status: 200, body: 'ok' })),
  ])
  const world = await startWorld(database, {
    scale: 20,
    config: {
      top: `alerts:
  email: { host: 127.0.0.1, port: ${mail.port}, security: none, from: isync@seller.example, to: [${OPS}] }
  sms: { account_sid: ${ACCOUNT_SID}, token: "\${SMS_TOKEN}", from: "+15557770000", to: ["${ON_CALL}"], endpoint: "${twilio.origin}" }
  slack: { webhook_url: "\${SLACK_URL}" }
watch: { commands: { ${watched.map((command) => `'${command}': off`).join(', ')} } }`,
    },
  })
  onTestFinished(() => world.close())
  clock.now = () => world.clock.now()
  world.sandbox.seed('amazon', { rate_limits: 'off' })
  world.sandbox.seed('mirakl', { rate_limits: false })
  world.sandbox.seed('shipstation', { rate_limit: 0 })
  const secrets = { SMS_TOKEN: TOKEN, SLACK_URL: `${slack.origin}${SLACK_PATH}` }
  const outputs: string[] = []
  async function isync(codes: readonly number[], ...args: readonly string[]): Promise<Ran> {
    const ran = await world.isync(args, secrets)
    expect(ran.code, `${args.join(' ')}\n${ran.stdout}`).toBeOneOf(codes)
    outputs.push(ran.stdout, ran.stderr)
    return ran
  }
  return { world, mail, twilio, slack, outputs, isync }
}
