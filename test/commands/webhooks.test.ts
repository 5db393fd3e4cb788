import { randomBytes } from 'node:crypto'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { databases } from '../world/databases.ts'
import { type Ran, startWorld, type World } from '../world/loop.ts'

const PUBLIC = 'http://127.0.0.1:4680'
const CURRENT = randomBytes(32).toString('hex')
const OLDER = randomBytes(32).toString('hex')
const GONE = randomBytes(32).toString('hex')
const FOREIGN = 'a-secret-of-another-program'
const shown = `${PUBLIC}/webhooks/shipstation/***`

const [sqlite] = databases
let world: World

const sections = `serve: { public_url: '${PUBLIC}' }\nwebhooks: { shipstation: { token: '\${HOOKS}' } }\n`
const worlds: World[] = []
async function openWorld(top: string): Promise<World> {
  if (sqlite === undefined) throw new Error('there is no database to test with')
  const opened = await startWorld(sqlite, { scale: 20, config: { top } })
  opened.sandbox.seed('shipstation', { rate_limit: 0 })
  worlds.push(opened)
  return opened
}
afterAll(() => Promise.all(worlds.map((one) => one.close())))

async function isync(...args: readonly string[]): Promise<Ran> {
  const ran = await world.isync(args, { HOOKS: `${CURRENT},${OLDER}` })
  // Whatever is asked, however it ends.
  for (const secret of [CURRENT, OLDER, GONE, FOREIGN]) expect(ran.stdout + ran.stderr, args.join(' ')).not.toContain(secret)
  return ran
}

async function done(...args: readonly string[]): Promise<Ran> {
  const ran = await isync(...args)
  expect(ran.code, ran.stdout + ran.stderr).toBe(0)
  return ran
}

interface Hook {
  readonly id: number
  readonly url: string
  readonly event: string
}
const hooks = () => [...(world.sandbox.books('shipstation') as { webhooks: readonly Hook[] }).webhooks]
const events = () => hooks().map(({ event }) => event)

/** What any program with the key pair can do. */
async function atShipStation(method: string, path: string, body?: object): Promise<Response> {
  const authorization = `Basic ${Buffer.from('sandbox-key:sandbox-secret').toString('base64')}`
  const answer = await fetch(`${world.sandbox.origins.shipstation}${path}`, {
    method,
    headers: { authorization, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  expect(answer.ok, `${method} ${path}`).toBe(true)
  return answer
}

/** Somebody makes a webhook at ShipStation. */
async function someoneSubscribes(url: string, event = 'SHIP_NOTIFY'): Promise<number> {
  const answer = await atShipStation('POST', '/webhooks/subscribe', { target_url: url, event })
  return ((await answer.json()) as { id: number }).id
}
const ours = (token: string) => `${PUBLIC}/webhooks/shipstation/${token}`
const foreign = `https://zapier.example/${FOREIGN}`

describe('isync webhooks:subscribe', () => {
  beforeEach(async () => {
    world = worlds[0] ?? (await openWorld(sections))
    for (const { id } of hooks()) await atShipStation('DELETE', `/webhooks/${id}`)
  })

  it('has ShipStation tell of labels and of marks, once, and shows no token', async () => {
    const first = await done('webhooks:subscribe', '--verbose')
    expect(first.stdout).toMatch(/^shipstation +0 +2 +3 +done$/m)
    expect(first.stdout).toContain(`SHIP_NOTIFY`)
    expect(first.stdout).toContain(shown)
    expect(hooks().map(({ url, event }) => [event, url])).toEqual([
      ['SHIP_NOTIFY', ours(CURRENT)],
      ['FULFILLMENT_SHIPPED', ours(CURRENT)],
    ])

    const again = (await done('webhooks:subscribe', '--json')).json()
    expect(again).toMatchObject({
      schema_version: 1,
      verdict: 'done',
      sends_to: shown,
      webhooks: [
        { event: 'SHIP_NOTIFY', sends_to: shown, store_id: null, active: true, standing: 'good', stale: false },
        { event: 'FULFILLMENT_SHIPPED', standing: 'good' },
      ],
      channels: [{ channel: 'shipstation', counts: { kept: 2, subscribed: 0 }, calls: { listWebhooks: 1 } }],
    })
    expect(events()).toEqual(['SHIP_NOTIFY', 'FULFILLMENT_SHIPPED'])
  })

  it('--dry-run plans them and makes none', async () => {
    const { stdout } = await done('webhooks:subscribe', '--dry-run')
    expect(stdout).toMatch(/Dry run: 2 change\(s\) would be sent/)
    expect(stdout).toMatch(
      /shipstation +subscribeWebhook +SHIP_NOTIFY +send to http:\/\/127\.0\.0\.1:4680\/webhooks\/shipstation\/\*\*\*/,
    )
    const { plan, dry_run } = (await done('webhooks:subscribe', '--dry-run', '--json')).json<{
      plan: object[]
      dry_run: boolean
    }>()
    expect([dry_run, plan.length]).toEqual([true, 2])
    expect(hooks()).toEqual([])
  })

  it('brings a new token in: the older webhooks stay until they are told to go, those of others for ever', async () => {
    const stranger = await someoneSubscribes(foreign)
    const older = await someoneSubscribes(ours(OLDER))
    const dead = await someoneSubscribes(ours(GONE), 'FULFILLMENT_SHIPPED')

    const before = (await done('webhooks:list')).stdout
    expect(before).toMatch(new RegExp(`^${stranger} +SHIP_NOTIFY +https://zapier\\.example/\\*\\*\\* +all +yes +not ours$`, 'm'))
    expect(before).toMatch(new RegExp(`^${older} .*ours, with an older token that is still accepted$`, 'm'))
    expect(before).toMatch(new RegExp(`^${dead} .*a token that is not accepted: what it sends is refused \\(stale\\)$`, 'm'))
    expect(before).toMatch(/^Lacking: SHIP_NOTIFY and FULFILLMENT_SHIPPED\. Next: isync webhooks:subscribe$/m)

    const subscribed = (await done('webhooks:subscribe')).stdout
    expect(subscribed).toMatch(new RegExp(`^2 of ours can go \\(${older}, ${dead}\\): isync webhooks:unsubscribe --stale$`, 'm'))
    expect(hooks()).toHaveLength(5)

    await done('webhooks:unsubscribe', '--stale', '--yes')
    expect(hooks().map(({ url }) => url)).toEqual([foreign, ours(CURRENT), ours(CURRENT)])
    expect((await done('webhooks:unsubscribe', '--stale')).stdout).toMatch(/^Nothing to do/m)
  })

  it('that fails in the middle is told so, and goes on the next time', async () => {
    world.sandbox.addFault({ vendor: 'shipstation', kind: 'status', status: 503, match: { path: 'subscribe$' } })
    const ran = await isync('webhooks:subscribe')
    expect([ran.code, events()]).toEqual([4, []])
    expect(ran.stdout).toMatch(
      /! shipstation: webhooks:subscribe\n +why: +shipstation subscribeWebhook: answered 503: .+\n +next: isync webhooks:subscribe again/,
    )

    // The webhook was made and the answer lost.
    world.sandbox.addFault({ vendor: 'shipstation', kind: 'cut-after', match: { path: 'subscribe$' } })
    expect((await isync('webhooks:subscribe')).code).toBe(4)
    expect(events()).toEqual(['SHIP_NOTIFY'])
    expect((await done('webhooks:subscribe', '--json')).json()).toMatchObject({
      channels: [{ counts: { kept: 1, subscribed: 1 } }],
    })
    expect(events()).toEqual(['SHIP_NOTIFY', 'FULFILLMENT_SHIPPED'])
  })
})

describe('isync webhooks:unsubscribe', () => {
  it('deletes those named, says which of them there are none of, and leaves the others', async () => {
    const [first, second] = [await someoneSubscribes(ours(CURRENT)), await someoneSubscribes(foreign)]
    const count = hooks().length
    expect((await done('webhooks:unsubscribe', String(first), '--dry-run')).stdout).toMatch(/unsubscribeWebhook/)
    expect(hooks()).toHaveLength(count)

    const { stdout } = await done('webhooks:unsubscribe', String(first), String(second), '7', '--yes')
    expect(stdout).toMatch(/^There is no webhook 7: isync webhooks:list shows those that there are\.$/m)
    expect(hooks()).toHaveLength(count - 2)
  })

  it('--all takes every one of ours and none of others', async () => {
    await someoneSubscribes(ours(GONE), 'ORDER_NOTIFY')
    await someoneSubscribes(foreign)
    await done('webhooks:subscribe')
    const { stdout } = await done('webhooks:unsubscribe', '--all', '--yes', '--json')
    expect(JSON.parse(stdout)).toMatchObject({ verdict: 'done', channels: [{ outcome: 'done', counts: { absent: 0 } }] })
    expect(new Set(hooks().map(({ url }) => url))).toEqual(new Set([foreign]))
  })

  it.each<[string, readonly string[], RegExp]>([
    ['nothing', [], /which webhooks\?[\s\S]*it takes ids, or --all, or --stale/],
    ['ids and --all', ['12', '--all'], /too many choices/],
    ['no number', ['abc'], /'abc' is invalid[\s\S]*Give the number of a webhook/],
  ])('refuses to be told %s', async (_, words, complaint) => {
    const ran = await isync('webhooks:unsubscribe', ...words, '--yes')
    expect(ran.code).toBe(2)
    expect(ran.stderr).toMatch(complaint)
  })

  it('asks first, and without a terminal names --yes', async () => {
    const id = await someoneSubscribes(foreign)
    const ran = await isync('webhooks:unsubscribe', String(id))
    expect(ran.code).toBe(2)
    expect(ran.stderr).toMatch(/Delete these 1 webhook\(s\) \(1 of them not ours\)\?[\s\S]*--yes/)
    expect(hooks().some((hook) => hook.id === id)).toBe(true)
  })
})

describe('isync webhooks:list', () => {
  it('that ShipStation refuses ends with 4 and says what to do', async () => {
    world.sandbox.addFault({ vendor: 'shipstation', kind: 'status', status: 503, match: { path: '/webhooks$' } })
    const ran = await isync('webhooks:list', '--json')
    expect(ran.code).toBe(4)
    expect(ran.json()).toMatchObject({
      webhooks: [],
      lacking: [],
      channels: [{ outcome: 'down', errors: [{ why: expect.stringContaining('503') }] }],
    })
  })

  it('shows no token, like all other output: config:check tells only how many there are', async () => {
    const shownConfig = (await done('config:check', '--json')).json()
    expect(JSON.stringify(shownConfig)).toContain('"token":["[secret]","[secret]"]')
    expect((await done('config:check')).stdout).toMatch(
      /^webhooks: of shipstation; isync serve listens on 127\.0\.0\.1:4680, from outside it is http:\/\/127\.0\.0\.1:4680$/m,
    )
  })
})

describe('a delivery that is not there', () => {
  it.each(['webhooks:inbox', 'webhooks:replay'])('is told so by %s, which ends with 2', async (command) => {
    expect(await isync(command, 'no-such')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/no such delivery: no-such[\s\S]*next: +isync webhooks:inbox/),
    })
  })
})

describe('without the settings', () => {
  it('webhooks:subscribe says what to put where, and webhooks:list still lists', async () => {
    world = await openWorld('')
    expect((await done('config:check')).stdout).toMatch(/^webhooks: of nobody$/m)
    await someoneSubscribes(foreign)
    const ran = await isync('webhooks:subscribe')
    expect(ran.code).toBe(2)
    expect(ran.stderr).toMatch(/serve\.public_url and webhooks\.shipstation\.token are not set/)
    expect(ran.stderr).toMatch(
      /public_url: https:\/\/hooks\.example\.com[\s\S]*openssl rand -hex 32[\s\S]*token: \$\{SS_HOOK_TOKEN\}/,
    )

    expect((await done('webhooks:list')).stdout).toMatch(
      /zapier\.example[\s\S]*Which are ours is not known: serve\.public_url and/,
    )
    expect((await isync('webhooks:unsubscribe', '--all')).code).toBe(2)
  })

  it('webhooks:subscribe asks ShipStation nothing for an address that it cannot reach', async () => {
    world = await openWorld(sections.replace(PUBLIC, 'https://10.1.2.3'))
    const ran = await isync('webhooks:subscribe')
    expect(ran.code).toBe(2)
    expect(ran.stderr).toContain('that host is not on the internet')
    expect(world.sandbox.journal()).toEqual([])
  })
})
