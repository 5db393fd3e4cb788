import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { toldOn } from '../world/databases.ts'
import { fingerprint } from '../world/dump.ts'
import { type Ran, startWorld, type World } from '../world/loop.ts'
import { withoutMoreLimits } from '../world/more-channels.ts'

const MINUTE = 60_000
/** Every command that has --dry-run; a new one must be told here. */
const dry = [
  'orders:pull',
  'orders:push-shipstation',
  'orders:release',
  'tracking:sync',
  'reconcile',
  'inventory:full',
  'inventory:rebalance',
  'inventory:delta',
  'retry',
  'alerts',
  'alerts:check',
  'alerts:test',
  'settings',
  'pause',
  'resume',
  'purge',
  'keys:rotate',
  'report:daily',
]
/** What they cannot do without. */
const words: Readonly<Record<string, readonly string[]>> = {
  pause: ['amazon-us'],
  resume: ['amazon-us'],
  'orders:release': ['21900001'],
}

interface PlannedLine {
  readonly account: string
  readonly operation: string
  readonly target: string
  readonly detail: string
}

/** In the fast suite on one database, as stock-dry-run.test.ts on the other; dry-run.long.test.ts tells it on both. */
describe.each(toldOn('sqlite'))('--dry-run, with $name', (database) => {
  let world: World
  let temporary: string
  let runs = 0

  beforeAll(async () => {
    world = await startWorld(database, { scale: 20, also: ['channeladvisor'] })
    temporary = join(world.folder, 'tmp')
    mkdirSync(temporary)
    const items = [{ sku: 'SKU-000001', quantity: 1 }]
    world.sandbox.seed('amazon', { rate_limits: 'off', orders: [{ order_id: '111-0000000-0000001', items }] })
    world.sandbox.seed('mirakl', { rate_limits: false, orders: [{ order_id: 'M-1', state: 'WAITING_ACCEPTANCE' }] })
    world.sandbox.seed('shipstation', { rate_limit: 0 })
    withoutMoreLimits(world.sandbox)
  })
  afterAll(() => world.close())

  it('of orders:pull counts what is new, names the orders it would accept, and changes nothing anywhere', async () => {
    const plan = await changesNothing(['orders:pull'])
    expect(plan).toMatchObject([{ account: 'mirakl-macys', operation: 'OR21', target: 'M-1' }])
    await changesNothing(['orders:pull', '--channel', 'amazon-us', '--since', '7d'])
    await changesNothing(['orders:pull', '--order', '111-0000000-0000001', '--channel', 'amazon-us'])
    await real('orders:pull')
    world.clock.advance(10 * MINUTE)
    await real('orders:pull') // what was accepted may ship now
  })

  it('of orders:push-shipstation names each order, its store and its lines, and changes nothing anywhere', async () => {
    const plan = await changesNothing(['orders:push-shipstation'])
    expect(plan.map(({ target }) => target).sort()).toEqual(['111-0000000-0000001', 'M-1'])
    expect(plan.every(({ detail }) => /^create, store 2000[23], 1 x SKU/.test(detail))).toBe(true)
    expect(await changesNothing(['orders:push-shipstation', '--channel', 'mirakl-macys'])).toHaveLength(1)
    await real('orders:push-shipstation')
  })

  it('of orders:push-shipstation names the orders that it would hold because the channel cancelled them, beside the new ones', async () => {
    const cancelled = ['111-0000000-0000002', '111-0000000-0000003']
    world.sandbox.act(
      'amazon',
      'add-orders',
      cancelled.map((order_id) => ({ order_id })),
    )
    world.clock.advance(5 * MINUTE)
    await real('orders:pull')
    await real('orders:push-shipstation')
    for (const order_id of cancelled) world.sandbox.act('amazon', 'cancel', { order_id })
    world.sandbox.act('amazon', 'add-orders', [{ order_id: '111-0000000-0000004' }])
    world.clock.advance(5 * MINUTE)
    await real('orders:pull')

    const plan = await changesNothing(['orders:push-shipstation'])
    expect(plan.map(({ account, operation }) => `${account} ${operation}`).sort()).toEqual([
      'shipstation createorders',
      'shipstation holduntil',
      'shipstation holduntil',
    ])
    await real('orders:push-shipstation')
  })

  it('of orders:release says which order would go, keeps it held, and changes nothing anywhere', async () => {
    const sale = { site_order_id: '111-0000000-0000001', site_name: 'Amazon Seller Central - US' }
    const lines = [{ sku: 'SKU-000001', quantity: 1 }]
    world.sandbox.act('channeladvisor', 'add-orders', [{ order_id: 21_900_001, ...sale, lines }])
    world.clock.advance(15 * MINUTE)
    await real('orders:pull')
    const release = ['orders:release', '21900001', '--channel', 'rithum-ca']

    // Nothing is sent by it: what it would do stands in words, and the order is as held as before.
    expect(await changesNothing(release)).toEqual([])
    const { stdout } = await world.isync([...release, '--dry-run'])
    expect(stdout).toContain('rithum-ca 21900001: no longer held as a copy of amazon-us 111-0000000-0000001.')
    expect((await world.isync(['orders:show', '21900001'])).stdout).toMatch(/held +as a copy of amazon-us 111-0000000-0000001/)
  })

  it('of reconcile compares and keeps nothing of it', async () => {
    await changesNothing(['reconcile', '--channel', 'amazon-us'])
  })

  it('of tracking:sync names each package with carrier, number and lines, and changes nothing anywhere', async () => {
    for (const order_number of ['111-0000000-0000001', 'M-1']) {
      const packages = [{ tracking: `1Z${order_number.replaceAll('-', '')}`, carrier_code: 'ups' }]
      world.sandbox.act('shipstation', 'ship', { order_number, packages })
    }
    world.clock.advance(MINUTE)

    const plan = await changesNothing(['tracking:sync'])
    expect(plan.map(({ account, operation, target }) => `${account} ${operation} ${target}`).sort()).toEqual([
      'amazon-us confirmShipment 111-0000000-0000001',
      'mirakl-macys ST01 M-1',
    ])
    expect(plan.map(({ detail }) => detail).join()).toMatch(/UPS 1Z111/)
    expect(await changesNothing(['tracking:sync', '--channel', 'amazon-us'])).toHaveLength(1)
    await real('tracking:sync')
  })

  it('of retry --dead names what it would send again without asking, and changes nothing anywhere', async () => {
    world.sandbox.act('amazon', 'add-orders', [{ order_id: '111-0000000-0000003' }])
    world.sandbox.seed('shipstation', {
      reject: { '111-0000000-0000003': 'Invalid country: must be a 2 character country code' },
    })
    world.clock.advance(5 * MINUTE)
    await real('orders:pull')
    expect((await world.isync(['orders:push-shipstation'])).code).toBe(3)

    const plan = await changesNothing(['retry', '--dead'])
    expect(plan).toMatchObject([{ account: 'shipstation', operation: 'createorders', target: '111-0000000-0000003' }])
  })

  it('of alerts --close leaves the alert open', async () => {
    const { alerts } = (await world.isync(['alerts', '--json'])).json<{ alerts: { id: string }[] }>()
    const id = alerts[0]?.id ?? ''
    await changesNothing(['alerts', '--close', id])
    await changesNothing(['alerts:check'])
    expect(
      (await world.isync(['alerts', '--json'])).json<{ alerts: { id: string }[] }>().alerts.map((alert) => alert.id),
    ).toContain(id)
  })

  it('of settings, pause and resume leaves every setting as it was', async () => {
    await changesNothing(['settings', 'set', 'ratio', '0.9', '--channel', 'amazon-us'])
    await changesNothing(['pause', 'amazon-us', '--until', '2h'])
    expect((await world.isync(['pause', 'mirakl-macys'])).code).toBe(0)
    await changesNothing(['resume', 'mirakl-macys'])
    await changesNothing(['settings', 'unset', 'channels.mirakl-macys.paused'])
    expect((await world.isync(['settings', '--channel', 'mirakl-macys'])).stdout).toMatch(/mirakl-macys\.paused +all /)
    expect((await world.isync(['resume', 'mirakl-macys'])).code).toBe(0)
  })

  it('of purge and keys:rotate counts what is due and leaves it', async () => {
    await changesNothing(['purge'])
    await changesNothing(['purge', '--channel', 'amazon-us'])
    await changesNothing(['keys:rotate'])
  })

  it('is offered by exactly the commands told here', async () => {
    const help = (await world.isync(['--help'])).stdout
    const list = help.slice(help.indexOf('Commands:'), help.indexOf('Examples:'))
    const commands = [...list.matchAll(/^ {2}([a-z][a-z:-]+)/gm)].map(([, name]) => name ?? '')
    expect(commands).toContain('status')
    const offering: string[] = []
    for (const name of commands.filter((one) => one !== 'help')) {
      if ((await world.isync([name, '--help'])).stdout.includes('--dry-run')) offering.push(name)
    }
    // init has no database yet, serve has no end, and the others need webhooks: their own tests tell what they show.
    const told = ['init', 'serve', 'webhooks:replay', 'webhooks:subscribe', 'webhooks:unsubscribe']
    expect(offering.sort()).toEqual([...told, ...dry].sort())
  })

  it('on a database that is not there, or not migrated, says what to run and makes nothing', async () => {
    const folder = mkdtempSync(join(inject('runDir'), 'absent-'))
    const empty = await database.url()
    const absent =
      database.name === 'sqlite'
        ? `sqlite:${join(folder, 'none.db')}`
        : `${empty.slice(0, empty.lastIndexOf('/'))}/no_such_database`
    writeConfig(join(folder, 'absent.yaml'), absent)
    for (const command of dry) {
      const { code, stdout } = await world.isync([
        command,
        ...(words[command] ?? []),
        '--dry-run',
        '--json',
        '--config',
        join(folder, 'absent.yaml'),
      ])
      expect([1, 2]).toContain(code)
      expect(JSON.parse(stdout).error).toMatchObject({
        what: expect.stringMatching(/database/),
        next: expect.stringMatching(/isync db:/),
        exit_code: code,
      })
    }
    expect(readdirSync(folder).filter((name) => name.includes('none.db'))).toEqual([])

    if (database.name === 'sqlite') return // an empty file is told in bad-input.test.ts
    writeConfig(join(folder, 'empty.yaml'), empty)
    const { code, stdout } = await world.isync(['orders:pull', '--dry-run', '--json', '--config', join(folder, 'empty.yaml')])
    expect(code).toBe(2)
    expect(JSON.parse(stdout).error).toMatchObject({ why: expect.stringMatching(/pending/), next: 'isync db:migrate' })
    expect(await fingerprint(empty)).toBe('')
  })

  function writeConfig(file: string, url: string): void {
    const text = readFileSync(join(world.folder, 'isync.config.yaml'), 'utf8')
    writeFileSync(file, text.replace(/^database: .*$/m, `database: ${url}`))
    writeFileSync(join(file, '..', '.env'), readFileSync(join(world.folder, '.env')), { mode: 0o600 })
  }

  async function real(command: string): Promise<Ran> {
    const ran = await world.isync([command])
    expect(ran.code, ran.stdout).toBe(0)
    return ran
  }

  /**
   * Runs it dry, for a program and for a person, in the fast suite every other time, and compares database and vendors before and after.
   */
  async function changesNothing(args: readonly string[]): Promise<readonly PlannedLine[]> {
    const before = await fingerprint(world.databaseUrl)
    const books = booksOf(world)
    const calls = world.sandbox.journal().length
    runs += 1
    const person =
      inject('thorough') || runs % 2 === 0 ? await world.isync([...args, '--dry-run'], { TMPDIR: temporary }) : undefined
    const program = await world.isync([...args, '--dry-run', '--json'], { TMPDIR: temporary })

    expect(await fingerprint(world.databaseUrl)).toBe(before)
    expect(booksOf(world)).toEqual(books)
    const writes = world.sandbox
      .journal()
      .slice(calls)
      .filter(({ method, path }) => method !== 'GET' && path !== '/auth/o2/token' && path !== '/oauth2/token')
    expect(writes).toEqual([])
    // Node's own folder holds compiled code.
    expect(readdirSync(temporary).filter((name) => name !== 'node-compile-cache')).toEqual([])
    expect(existsSync(join(world.folder, 'isync.db'))).toBe(false)
    expect(program.code, program.stdout + program.stderr).toBe(0)
    const document = program.json<{ readonly dry_run: boolean; readonly plan: readonly PlannedLine[] }>()
    expect(document.dry_run).toBe(true)
    if (person === undefined) return document.plan
    expect(person.code, person.stdout + person.stderr).toBe(0)
    for (const { target } of document.plan) expect(person.stdout).toContain(target)
    expect(person.stdout).toMatch(/Dry run: (nothing would be sent|\d+ change\(s\) would be sent)/)
    return document.plan
  }
})

/** What the vendors hold; how often they were asked is left out. */
function booksOf({ sandbox }: World): unknown {
  return (['amazon', 'mirakl', 'shipstation', 'channeladvisor'] as const).map((vendor) => {
    const {
      calls: _calls,
      throttled: _throttled,
      tokens_issued: _issued,
      tokens_issued_by_account: _by,
      ...rest
    } = sandbox.books(vendor) as Record<string, unknown>
    return rest
  })
}
