import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Fault } from '../../src/sandbox/stand-in.ts'
import { toldOn } from '../world/databases.ts'
import { stolen } from '../world/dump.ts'
import { type Ran, startWorld, type World } from '../world/loop.ts'

const MINUTE = 60_000
const AMAZON = '111-0000000-0000001'
const MIRAKL = 'M-1'
/** In every personal value and every secret of this file; e-mail addresses and numbers among them. */
const CANARY = /canar|5550199/i

const person = {
  name: 'Canarina Canarius',
  company: 'Canarium Ltd',
  line1: '1 Canary Wharf',
  line2: 'Canary Floor 2',
  line3: 'Canary Door 3',
  city: 'Canaryville',
  state: 'CANARYSTATE',
  postal: 'CANARY99',
  phone: '+1 555 0199 0199',
}

const secrets = {
  AMZ_ID: 'canary-amazon-client',
  AMZ_SECRET: 'canary-amazon-secret',
  AMZ_REFRESH: 'Atzr|canary-refresh-token',
  MACYS_KEY: 'canary-mirakl-key',
  SS_KEY: 'canary-shipstation-key',
  SS_SECRET: 'canary-shipstation-secret',
  ZOHO_ID: 'canary-zoho-client',
  ZOHO_SECRET: 'canary-zoho-secret',
  ZOHO_REFRESH: 'canary-zoho-refresh',
}

/** What a careless vendor might say about a caller. */
const blab = `key ${secrets.SS_SECRET} ${secrets.MACYS_KEY} token Atza|canary-access-token ${secrets.AMZ_REFRESH}`
/** ... and about an order. */
const gossip = `Cannot ship to ${person.name} (canarina@canarius.example, ${person.phone}), ${person.line1}, ${person.line2}, ${person.city} ${person.postal}; message "Canary greetings"; ${blab}`

/** In the fast suite on one database, and of stock and other channels on the other; canaries.long.test.ts tells it on both. */
describe.each(toldOn('postgres'))('canaries in every personal field and secret, with $name', { timeout: 120_000 }, (database) => {
  let world: World
  let temporary: string
  let keys: string
  const runs: { readonly args: readonly string[]; readonly ran: Ran }[] = []

  beforeAll(async () => {
    world = await startWorld(database, { scale: 20, config: { top: 'log_level: debug\nretry: { push: 1, confirmation: 1 }' } })
    temporary = join(world.folder, 'tmp')
    mkdirSync(temporary)
    keys = world.secrets.ISYNC_KEYS ?? ''
    const lines = Object.entries({ ...secrets, ISYNC_KEYS: keys }).map(([name, value]) => `${name}=${value}\n`)
    writeFileSync(join(world.folder, '.env'), lines.join(''), { mode: 0o600 })
    seed()
  })
  afterAll(() => world.close())

  it('the whole loop runs, with every kind of failure on its way', async () => {
    await isync('doctor')
    fault({
      vendor: 'amazon',
      kind: 'status',
      status: 400,
      match: { path: '/auth/o2/token' },
      body: { error: 'invalid_scope', error_description: blab },
    })
    await isync('orders:pull', '--channel', 'amazon-us')
    fault({
      vendor: 'amazon',
      kind: 'status',
      status: 500,
      match: { path: '^/orders' },
      body: { errors: [{ code: 'InternalFailure', message: gossip }] },
    })
    fault({
      vendor: 'mirakl',
      kind: 'status',
      status: 500,
      match: { path: '^/api/orders' },
      body: { status: 500, message: gossip },
    })
    await isync('orders:pull')
    fault({ vendor: 'mirakl', kind: 'html', match: { path: '^/api/orders' }, body: `<html>${gossip}</html>` })
    await isync('orders:pull', '--dry-run')
    await isync('orders:pull')
    await isync('orders:pull', '--verbose')
    await isync('orders:push-shipstation', '--dry-run')
    await isync('orders:push-shipstation', '--dry-run', '--json')
    for (const status of [503, 500]) {
      const body = { Message: 'An error has occurred.', ExceptionMessage: gossip }
      fault({ vendor: 'shipstation', kind: 'status', status, times: 9, match: { path: 'createorders' }, body })
      await isync('orders:push-shipstation', '--verbose')
    }
    world.sandbox.seed('shipstation', { reject: { [AMAZON]: gossip } })
    await isync('retry', '--dead', '--yes')
    world.sandbox.seed('shipstation', { reject: { [AMAZON]: null } })
    await isync('status')
    await isync('retry', '--dead', '--yes', '--json')
    await isync('orders:push-shipstation')
    for (const [number, tracking] of [
      [AMAZON, '1ZAMAZON'],
      [MIRAKL, '1ZMIRAKL'],
    ]) {
      world.sandbox.act('shipstation', 'ship', { order_number: number, packages: [{ tracking, carrier_code: 'ups' }] })
    }
    world.clock.advance(MINUTE)
    const crash = await isync('tracking:sync', '--verbose', { ISYNC_FAULT: '6' })
    expect(crash.signal).toBe('SIGKILL')
    world.clock.advance(3 * MINUTE)
    fault({
      vendor: 'amazon',
      kind: 'status',
      status: 400,
      match: { path: 'shipmentConfirmation' },
      body: { errors: [{ code: 'InvalidInput', message: gossip }] },
    })
    fault({
      vendor: 'mirakl',
      kind: 'status',
      status: 500,
      match: { path: '^/api/shipments', method: 'POST' },
      body: { message: gossip },
    })
    await isync('tracking:sync')
    await isync('retry', '--dead', '--yes')
    await isync('tracking:sync', '--verbose')
    fault({ vendor: 'mirakl', kind: 'status', status: 401, match: { path: '^/api/orders' }, body: { message: blab } })
    await isync('orders:pull', '--json')
    for (const command of ['status', 'doctor', 'config:check', 'db:status']) await isync(command, '--json')

    const books = JSON.stringify(world.sandbox.books('shipstation'))
    expect(books).toContain(person.line1) // the vendor that ships it has it
    expect(JSON.stringify(world.sandbox.books('amazon'))).toContain('1ZAMAZON')
    expect(JSON.stringify(world.sandbox.books('mirakl'))).toContain('1ZMIRAKL')
  })

  it('and no output and no log shows one', () => {
    const all = runs.map(({ ran }) => ran.stdout + ran.stderr).join('\n')
    expect(all).toContain('Cannot ship to [personal]') // the vendors did talk
    expect(all).toContain('[secret]')
    for (const { args, ran } of runs) {
      expect(sightings(ran.stdout), `stdout of ${args.join(' ')}`).toEqual([])
      expect(sightings(ran.stderr), `stderr of ${args.join(' ')}`).toEqual([])
    }
  })

  it('and nobody who steals the database reads one', async () => {
    expect(sightings(await stolen(world.databaseUrl))).toEqual([])
  })

  it('and no file is left behind that holds one, but the configuration', () => {
    const files = readdirSync(world.folder, { recursive: true, encoding: 'utf8' }).filter(
      (name) => statSync(join(world.folder, name)).isFile() && name !== '.env' && !name.startsWith('tmp/node-compile-cache'),
    )
    for (const name of files) expect(sightings(readFileSync(join(world.folder, name), 'latin1')), name).toEqual([])
    expect(readdirSync(temporary).filter((name) => name !== 'node-compile-cache')).toEqual([])
  })

  it('and orders:show, which is for a person, opens what is sealed', async () => {
    for (const [id, line] of [
      [AMAZON, person.line1],
      [MIRAKL, person.line1],
    ] as const) {
      const shown = await world.isync(['orders:show', id, '--json', '--raw'])
      expect(shown.json()).toMatchObject({
        buyer_name: person.name,
        ship_to: { address1: line, city: person.city, phone: expect.stringContaining('555') },
      })
      expect(JSON.stringify(shown.json())).toContain('Canary')
      for (const secret of Object.values(secrets)) expect(shown.stdout).not.toContain(secret)
      expect(shown.stderr).toBe('')
    }
  })

  function sightings(text: string): readonly string[] {
    const found = text.match(new RegExp(`.{0,60}(?:${CANARY.source}).{0,60}`, 'gi')) ?? []
    const key = keys.slice(keys.indexOf(':') + 1)
    return [...found, ...(text.includes(key) ? ['the encryption key'] : []), ...(text.match(/Atz[ar]\|.{0,40}/g) ?? [])]
  }

  function fault(one: Fault): void {
    world.sandbox.addFault(one)
  }

  async function isync(command: string, ...rest: readonly (string | Readonly<Record<string, string>>)[]): Promise<Ran> {
    const args = [command, ...rest.filter((one) => typeof one === 'string')]
    const env = rest.find((one) => typeof one === 'object') ?? {}
    const ran = await world.isync(args, { TMPDIR: temporary, ...env })
    runs.push({ args, ran })
    world.sandbox.clearFaults()
    world.clock.advance(6 * MINUTE)
    return ran
  }

  function seed(): void {
    const { name, company, line1, line2, line3, city, state, postal, phone } = person
    world.sandbox.seed('amazon', {
      rate_limits: 'off',
      accounts: [
        {
          seller_id: 'A1SANDBOX',
          client_id: secrets.AMZ_ID,
          client_secret: secrets.AMZ_SECRET,
          refresh_token: secrets.AMZ_REFRESH,
        },
      ],
      orders: [
        {
          order_id: AMAZON,
          buyer: { name, email: 'canarina@canarius.example', company, purchase_order: 'CANARY-PO-1' },
          ship_to: { name, company, line1, line2, line3, city, state, postal, phone },
          notes: { instruction: 'Canary instruction', drop_off: 'Canary porch' },
          items: [
            {
              gift: { message: 'Canary greetings', wrap: 'Classic', price: '3.00' },
              customized_url: 'https://canary.example/engraving',
            },
          ],
        },
      ],
    })
    world.sandbox.seed('mirakl', {
      rate_limits: false,
      accounts: [{ api_key: secrets.MACYS_KEY, shop_id: 2001 }],
      orders: [
        {
          order_id: MIRAKL,
          api_key: secrets.MACYS_KEY,
          state: 'SHIPPING',
          customer: { firstname: 'Canarina', lastname: 'Canarius', email: 'canarina@canarius.example' },
          ship_to: {
            firstname: 'Canarina',
            lastname: 'Canarius',
            company,
            street_1: line1,
            street_2: line2,
            city,
            state,
            zip_code: postal,
            phone,
            phone_secondary: '+1 555 0199 0200',
            additional_info: 'Canary gate code',
            internal_additional_info: 'Canary inner note',
          },
          additional_fields: [{ code: 'gift-message', type: 'STRING', value: 'Canary greetings' }],
          lines: [{ additional_fields: [{ code: 'engraving', type: 'STRING', value: 'Canary engraving' }] }],
        },
      ],
    })
    world.sandbox.seed('zoho', {
      accounts: [{ client_id: secrets.ZOHO_ID, client_secret: secrets.ZOHO_SECRET, refresh_token: secrets.ZOHO_REFRESH }],
    })
    world.sandbox.seed('shipstation', { rate_limit: 0, keys: [{ key: secrets.SS_KEY, secret: secrets.SS_SECRET }] })
  }
})
