import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Fault } from '../../src/sandbox/stand-in.ts'
import { calls, openAllChannels, packOrder, skuOf } from '../world/all-channels.ts'
import { toldOn } from '../world/databases.ts'
import { stolen } from '../world/dump.ts'
import type { Ran, World } from '../world/loop.ts'
import { moreChannels } from '../world/more-channels.ts'

const MINUTE = 60_000
/** In every personal value and every secret of this file; e-mail addresses and numbers among them. */
const CANARY = /canar|5550199/i

const secrets = {
  EBAY_APP: 'canary-ebay-app',
  EBAY_CERT: 'canary-ebay-cert',
  EBAY_REFRESH: 'v^1.1#i^1#canary-ebay-refresh',
  DSCO_ID: 'canary-dsco-client',
  DSCO_SECRET: 'canary-dsco-secret',
  CHANNELADVISOR_APP: 'canary-ca-application',
  CHANNELADVISOR_SHARED: 'canary-ca-shared',
  CHANNELADVISOR_REFRESH: 'canary-ca-refresh',
}

const person = {
  name: 'Canarina Canarius',
  line1: '1 Canary Wharf',
  line2: 'Canary Floor 2',
  city: 'Canaryville',
  state: 'CANARYSTATE',
  postal: 'CANARY99',
  phone: '+1 555 0199 0199',
  email: 'canarina@canarius.example',
}

/** What a careless vendor might say about its caller ... */
const blab = `Not for you: ${secrets.DSCO_SECRET} ${secrets.EBAY_CERT} token ${secrets.EBAY_REFRESH} ${secrets.CHANNELADVISOR_SHARED} ${secrets.CHANNELADVISOR_REFRESH}`
/** ... and about an order. */
const gossip = `Cannot ship to ${person.name} (${person.email}, ${person.phone}), ${person.line1}, ${person.line2}, ${person.city} ${person.postal}; ${blab}`

const trading = (call: string, said: string) =>
  `<?xml version="1.0" encoding="utf-8"?><${call}Response xmlns="urn:ebay:apis:eBLBaseComponents"><Timestamp>2026-11-22T00:00:00.000Z</Timestamp><Ack>Failure</Ack><Errors><ShortMessage>${said}</ShortMessage><LongMessage>${said}</LongMessage><ErrorCode>240</ErrorCode><SeverityCode>Error</SeverityCode></Errors></${call}Response>`

/** A refusal in the form of each vendor. */
const refusals = {
  ebay: trading,
  dsco: (_call: string, said: string) => ({
    status: 'failure',
    messages: [{ code: 'invalid', severity: 'error', description: said }],
  }),
  channeladvisor: (_call: string, said: string) => ({
    error: { code: '1', message: said, details: [{ message: said }] },
    Message: said,
  }),
} as const

const tradingCalls = { pull: 'GetOrders', take: 'GetOrders', confirm: 'CompleteSale', stock: 'ReviseInventoryStatus' } as const
/** What is said where: a list of orders, or of numbers, is of no buyer. */
const topics = { pull: blab, take: gossip, confirm: gossip, stock: blab } as const

/** As they stand in ShipStation. */
const orders = { ebay: '25-00000-00001', dsco: '9007199255999999', channeladvisor: '25000001' } as const

/** In the fast suite on one database; all-channels.long.test.ts tells it on both. */
const here = toldOn('sqlite')

describe.each(here)('canaries at eBay and Rithum, with $name', { timeout: 120_000 }, (database) => {
  let world: World
  const runs: { readonly args: readonly string[]; readonly ran: Ran }[] = []

  beforeAll(async () => {
    world = await openAllChannels(database, {
      config: { top: 'log_level: debug\nretry: { push: 1, confirmation: 1, inventory: 1 }' },
    })
    const file = join(world.folder, '.env')
    const others = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => !Object.keys(secrets).some((name) => line.startsWith(`${name}=`)))
    const own = Object.entries(secrets).map(([name, value]) => `${name}='${value}'`)
    writeFileSync(file, [...others, ...own, ''].join('\n'), { mode: 0o600 })
    seed()
  })
  afterAll(() => world.close())

  it('the whole loop runs, with every vendor gossiping on its way', async () => {
    await isync('doctor', '--verbose')
    for (const vendor of moreChannels) world.sandbox.act(vendor, 'expire-tokens', {})
    await struck('token', 400, 'orders:pull')
    for (const status of [400, 500]) await struck('pull', status, 'orders:pull', '--verbose')
    world.clock.advance(60 * MINUTE)
    await isync('orders:pull', '--verbose')
    await isync('orders:push-shipstation', '--dry-run')
    await struck('take', 400, 'orders:push-shipstation', '--verbose')
    await isync('orders:push-shipstation', '--json')
    for (const vendor of moreChannels) packOrder(world, vendor, orders[vendor])
    await isync('tracking:sync', '--dry-run', '--json')
    await struck('confirm', 400, 'tracking:sync', '--verbose')
    await struck('stock', 400, 'inventory:full', '--verbose')
    world.clock.advance(60 * MINUTE)
    await isync('retry', '--dead', '--yes')
    await isync('tracking:sync')
    for (const command of ['alerts', 'status', 'doctor']) await isync(command, '--json')
    const shipped = JSON.stringify(world.sandbox.books('shipstation'))
    expect(shipped.split(person.line1).length - 1, 'the vendor that ships has the addresses').toBeGreaterThanOrEqual(3)
    for (const vendor of moreChannels) expect(JSON.stringify(world.sandbox.books(vendor)), vendor).toContain('1Z')
  })

  it('and no output and no log shows one', () => {
    for (const { args, ran } of runs) {
      expect(sightings(ran.stdout), `stdout of ${args.join(' ')}`).toEqual([])
      expect(sightings(ran.stderr), `stderr of ${args.join(' ')}`).toEqual([])
    }
  })

  it('and nobody who steals the database reads one', async () => {
    expect(sightings(await stolen(world.databaseUrl))).toEqual([])
  })

  it('and orders:show, which is for a person, opens what is sealed', async () => {
    for (const id of Object.values(orders)) {
      const shown = await world.isync(['orders:show', id, '--json', '--raw'])
      expect(shown.json(), id).toMatchObject({ ship_to: { address1: person.line1, city: person.city } })
      for (const secret of Object.values(secrets)) expect(shown.stdout).not.toContain(secret)
    }
  })

  /** The command meets a refusal in such words at each of the three. */
  async function struck(
    where: 'token' | 'pull' | 'take' | 'confirm' | 'stock',
    status: number,
    ...args: readonly string[]
  ): Promise<void> {
    for (const vendor of moreChannels) {
      const match: Fault['match'] = where === 'token' ? { path: 'token$' } : calls[vendor][where]
      const body =
        where === 'token'
          ? { error: 'invalid_grant', error_description: blab }
          : refusals[vendor](tradingCalls[where], topics[where])
      // Trading tells its refusals with a 200.
      const own = vendor === 'ebay' && where !== 'token' && status === 400 ? 200 : status
      if (match !== undefined) world.sandbox.addFault({ vendor, kind: 'status', status: own, times: 9, match, body })
    }
    const before = world.sandbox.journal().length
    const ran = await isync(...args)
    const hurt = world.sandbox
      .journal()
      .slice(before)
      .filter(({ fault }) => fault !== undefined)
    expect(hurt.length, `${args.join(' ')}: nobody gossiped\n${ran.stdout}`).toBeGreaterThan(1)
  }

  async function isync(...args: readonly string[]): Promise<Ran> {
    const ran = await world.isync(args)
    runs.push({ args, ran })
    world.sandbox.clearFaults()
    world.clock.advance(20 * MINUTE)
    return ran
  }

  function sightings(text: string): readonly string[] {
    return text.match(new RegExp(`.{0,60}(?:${CANARY.source}).{0,60}|v\\^1\\.1#.{0,40}`, 'gi')) ?? []
  }

  function seed(): void {
    const { name, line1, line2, city, state, postal, phone, email } = person
    const [first, last] = name.split(' ')
    const { sandbox } = world
    const lines = [{ sku: skuOf(0), quantity: 1 }]
    sandbox.seed('ebay', {
      accounts: [
        { user: 'sandbox-seller', app_id: secrets.EBAY_APP, cert_id: secrets.EBAY_CERT, refresh_token: secrets.EBAY_REFRESH },
      ],
      orders: [
        {
          order_id: orders.ebay,
          buyer: { user_id: 'canary_user', first, last, email, message: 'Canary message' },
          ship_to: { name, street1: line1, street2: line2, city, state, postal, phone },
          lines,
        },
      ],
    })
    sandbox.seed('dsco', {
      accounts: [{ account_id: '1000000001', client_id: secrets.DSCO_ID, client_secret: secrets.DSCO_SECRET }],
      orders: [{ id: orders.dsco, ship_to: { name, address: [line1, line2], city, region: state, postal, phone, email }, lines }],
    })
    sandbox.seed('channeladvisor', {
      applications: [
        {
          app_id: secrets.CHANNELADVISOR_APP,
          shared_secret: secrets.CHANNELADVISOR_SHARED,
          refresh_token: secrets.CHANNELADVISOR_REFRESH,
        },
      ],
      orders: [
        {
          order_id: Number(orders.channeladvisor),
          buyer: { user_id: 'canary-user', email },
          ship_to: { first, last, line1, line2, city, state, postal, phone },
          notes: { public: 'Canary note', private: 'Canary secret note', special: 'Canary instruction' },
          lines: [{ ...lines[0], gift_message: 'Canary greetings' }],
        },
      ],
    })
  }
})
