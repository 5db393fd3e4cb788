import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { databases } from '../world/databases.ts'
import { fingerprint } from '../world/dump.ts'
import { startWorld, type World } from '../world/loop.ts'
import { startProgram } from './start-program.ts'

interface Complaint {
  readonly what: string
  readonly where: string
  readonly why: string
  readonly next: string
  readonly exit_code: number
}

// What does not depend on the database is told on the first alone.
describe.each(databases)('bad input, with $name', (database) => {
  let refusals = 0
  let world: World
  let original: string

  beforeAll(async () => {
    world = await startWorld(database, { scale: 20 })
    original = readFileSync(join(world.folder, 'isync.config.yaml'), 'utf8')
    world.sandbox.seed('amazon', { rate_limits: 'off', orders: [{ order_id: '111-0000000-0000001' }] })
    world.sandbox.seed('mirakl', { rate_limits: false })
    expect((await world.isync(['orders:pull'])).code).toBe(0)
  })
  afterAll(() => world.close())

  it.runIf(database.name === 'sqlite')(
    'wrong configuration: every error at once with file, line and what is allowed',
    async () => {
      const broken = original
        .replace('region: na', 'region: mars')
        .replace('shop_id: 2001', 'shop_id: many')
        .replace('auto_accept: true', 'auto_acept: true')
        .concat('\nlog_level: loud\n')
      const complaint = await refused(['status'], 2, inFolder({ config: broken }))
      expect(complaint.what).toBe('the configuration cannot be used')
      expect(complaint.why).toMatch(/^4 problems/)
      expect(complaint.why).toMatch(/isync\.config\.yaml:\d+:\d+: channels\.amazon-us\.region: must be na, eu or fe, got 'mars'/)
      expect(complaint.why).toMatch(/channels\.mirakl-macys\.shop_id: /)
      expect(complaint.why).toMatch(/auto_acept: is not a known key; did you mean 'auto_accept'/)
      expect(complaint.why).toMatch(/log_level: must be debug, info, warn or error/)
      expect(complaint.next).toMatch(/isync config:check/)
    },
  )

  it.runIf(database.name === 'sqlite')('no configuration: says where it looked', async () => {
    const complaint = await refused(['status'], 2, inFolder({ config: undefined }))
    expect(complaint).toMatchObject({
      why: expect.stringMatching(/isync\.config\.yaml.*--config.*ISYNC_CONFIG/),
      next: expect.stringMatching(/isync init/),
    })
    const named = await refused(['status', '--config', '/nowhere/isync.yaml'], 2, inFolder({ config: undefined }))
    expect(named.where).toMatch(/\/nowhere\/isync\.yaml/)
  })

  it.runIf(database.name === 'sqlite')('a secret that is not set: names the variable and not its value', async () => {
    const complaint = await refused(['status'], 2, inFolder({ env: { MACYS_KEY: undefined } }))
    expect(complaint.why).toMatch(/channels\.mirakl-macys\.credentials\.api_key: .*MACYS_KEY/)
  })

  it.runIf(database.name === 'sqlite')('an unknown channel: names those there are, before any vendor is called', async () => {
    const calls = world.sandbox.journal().length
    for (const command of ['orders:pull', 'orders:push-shipstation', 'tracking:sync', 'doctor', 'retry']) {
      const complaint = await refused([command, '--channel', 'amazon-uk'], 2)
      expect(complaint).toMatchObject({
        what: expect.stringMatching(/amazon-uk/),
        why: expect.stringMatching(/amazon-us.*mirakl-macys/),
      })
    }
    const shown = await refused(['orders:show', '111-0000000-0000001', '--channel', 'amazon-uk'], 2)
    expect(shown.what).toMatch(/unknown channel 'amazon-uk'/)
    expect(world.sandbox.journal().length).toBe(calls)
  })

  it.runIf(database.name === 'sqlite')('an unknown order: says how to fetch it', async () => {
    const complaint = await refused(['orders:show', '111-0000000-0000009'], 2)
    expect(complaint).toMatchObject({
      what: expect.stringMatching(/111-0000000-0000009/),
      next: expect.stringMatching(/^isync orders:pull .*--order 111-0000000-0000009/),
    })
    const onChannel = await refused(['orders:show', '111-0000000-0000009', '--channel', 'amazon-us'], 2)
    expect(onChannel.next).toBe('isync orders:pull --channel amazon-us --order 111-0000000-0000009')
  })

  it.runIf(database.name === 'sqlite')('an unknown task: nothing to do, said so', async () => {
    const ran = await world.isync(['retry', '--id', 'no-such-task', '--yes'])
    expect([ran.code, ran.stdout]).toEqual([0, expect.stringMatching(/^Nothing to do: no task with the id no-such-task is open/)])
    const ofOrder = await world.isync(['retry', '--order', '111-9', '--yes'])
    expect(ofOrder.stdout).toMatch(/^Nothing to do: no task of order 111-9 is open; isync orders:show 111-9 /)
  })

  it.runIf(database.name === 'sqlite')('an order number that no channel has, or would have: said so, and no alert', async () => {
    const absent = await world.isync(['orders:pull', '--order', 'M-99', '--channel', 'mirakl-macys'])
    expect([absent.code, absent.stdout]).toEqual([0, expect.stringContaining('Not found: M-99 (asked: mirakl-macys).')])

    const odd = await world.isync(['orders:pull', '--order', 'M-99', '--channel', 'amazon-us'])
    expect([odd.code, odd.stdout]).toEqual([3, expect.stringMatching(/orders:pull --order M-99\n.*400.*\n.*check the number/)])
    expect(JSON.parse((await world.isync(['alerts', '--json'])).stdout).alerts).toEqual([])

    const there = await world.isync(['orders:pull', '--order', '111-0000000-0000001', '--channel', 'amazon-us'])
    expect([there.code, there.stdout]).toEqual([0, expect.not.stringContaining('Not found')])
  })

  it.runIf(database.name === 'sqlite')(
    'an order that ShipStation refuses: the order names the command that tries again',
    async () => {
      const path = 'createorders'
      world.sandbox.addFault({ vendor: 'shipstation', kind: 'status', status: 400, times: 1, match: { path } })
      expect((await world.isync(['orders:push-shipstation', '--channel', 'amazon-us'])).code).toBe(3)

      const shown = await world.isync(['orders:show', '111-0000000-0000001'])
      const again = 'isync retry --order 111-0000000-0000001 --channel amazon-us'
      expect(shown.stdout).toContain(`What is dead was given up. Mend the cause, then: ${again}\n`)
      expect((await world.isync([...again.split(' ').slice(1), '--yes'])).code).toBe(0)
      expect((await world.isync(['orders:show', '111-0000000-0000001'])).stdout).not.toContain('given up')
    },
  )

  it.runIf(database.name === 'sqlite')(
    'a channel that is switched off: the status says so, and no command takes it',
    async () => {
      const config = original.replace(/^( *)type: mirakl$/m, '$&\n$1enabled: false')
      const folder = inFolder({ config: config.replace(/^database: .*$/m, () => `database: ${world.databaseUrl}`) })
      expect((await startProgram(['status'], folder)).stdout).toMatch(/^mirakl-macys .* off \(enabled: false\)$/m)
      const pulled = await refused(['orders:pull', '--channel', 'mirakl-macys'], 2, folder)
      expect(`${pulled.what} ${pulled.why}`).toMatch(/mirakl-macys/)
    },
  )

  it('a missing key: names its id, and nothing is touched', async () => {
    const before = await fingerprint(world.databaseUrl)
    const calls = world.sandbox.journal().length
    const folder = inFolder({ env: { ISYNC_KEYS: `k9:${randomBytes(32).toString('base64')}` } })
    for (const args of [
      ['orders:pull'],
      ['orders:push-shipstation'],
      ['tracking:sync'],
      ['orders:show', '111-0000000-0000001'],
      ['orders:pull', '--dry-run'],
    ]) {
      const complaint = await refused(args, 2, folder)
      expect(complaint).toMatchObject({
        what: 'encryption key k1 is missing',
        why: expect.stringMatching(/k9/),
        next: expect.stringMatching(/add k1:/),
      })
    }
    expect(await fingerprint(world.databaseUrl)).toBe(before)
    expect(world.sandbox.journal().length).toBe(calls)
  })

  it('the same key id with other bytes: says so, and nothing is touched', async () => {
    const before = await fingerprint(world.databaseUrl)
    const folder = inFolder({ env: { ISYNC_KEYS: `k1:${randomBytes(32).toString('base64')}` } })
    for (const args of [['orders:pull'], ['orders:show', '111-0000000-0000001']]) {
      const complaint = await refused(args, 2, folder)
      expect(complaint).toMatchObject({
        what: 'an encrypted value cannot be read',
        why: expect.stringMatching(/another key has that id/),
        next: expect.stringMatching(/encryption_keys/),
      })
    }
    expect(await fingerprint(world.databaseUrl)).toBe(before)
  })

  it.runIf(database.name === 'sqlite')('keys that are none: the place in the file, and never the key', async () => {
    const complaint = await refused(['status'], 2, inFolder({ env: { ISYNC_KEYS: 'k1:tooshort' } }))
    expect(complaint.why).toMatch(/encryption_keys: key k1 is not 32 bytes in base64/)
    expect(JSON.stringify(complaint)).not.toContain('tooshort')
  })

  it('a database without tables: the next command is db:migrate', async () => {
    const empty = await database.url()
    if (database.name === 'sqlite') writeFileSync(empty.slice('sqlite:'.length), '')
    const folder = inFolder({ database: empty })
    for (const args of [['status'], ['orders:pull'], ['orders:pull', '--dry-run']]) {
      expect(await refused(args, 2, folder)).toMatchObject({
        why: expect.stringMatching(/pending.*0001_orders/),
        next: 'isync db:migrate',
      })
    }
    const status = await startProgram(['db:status', '--json'], folder)
    expect(JSON.parse(status.stdout)).toMatchObject({ ok: false, pending: expect.arrayContaining(['0001_orders']) })
    expect((await startProgram(['db:status'], folder)).code).toBe(2)
  })

  it.runIf(database.name === 'postgres')(
    'a server that is not there, a database that is not there, a wrong password: each with where and what to run',
    async () => {
      const port = await closedPort()
      const there = new URL(world.databaseUrl)
      const cases: readonly (readonly [string, RegExp])[] = [
        [`postgres://isync:canary-password@127.0.0.1:${port}/isync`, /ECONNREFUSED/],
        [Object.assign(new URL(there), { pathname: '/no_such_database' }).href, /does not exist/],
        [Object.assign(new URL(there), { password: 'canary-password' }).href, /password authentication failed/],
      ]
      const commands = [['orders:pull'], ['db:migrate'], ['orders:pull', '--dry-run']]
      for (const [n, [url, why]] of cases.entries()) {
        // By turns in the fast suite.
        for (const args of inject('thorough') ? commands : commands.slice(n, n + 1)) {
          const complaint = await refused(
            args,
            1,
            inFolder({ database: url.replace(/:([^:@/]+)@/, ':${PGPASSWORD}@'), env: { PGPASSWORD: new URL(url).password } }),
          )
          expect(complaint).toMatchObject({
            what: 'cannot reach the database',
            why: expect.stringMatching(why),
            next: expect.stringMatching(/isync db:status/),
          })
          expect(JSON.stringify(complaint)).not.toContain('canary-password')
        }
      }
    },
  )

  it.runIf(database.name === 'sqlite')(
    'a path with nothing there, a folder, a text file, a damaged file: each with where and what to do, and nothing is made',
    async () => {
      const folder = mkdtempSync(join(inject('runDir'), 'paths-'))
      mkdirSync(join(folder, 'folder.db'))
      writeFileSync(join(folder, 'text.db'), 'this is a shopping list, not a database\n'.repeat(200))
      const sound = readFileSync(world.databaseUrl.slice('sqlite:'.length))
      writeFileSync(join(folder, 'damaged.db'), Buffer.concat([sound.subarray(0, 100), randomBytes(sound.length - 100)]))
      const cases: readonly (readonly [string, RegExp])[] = [
        ['none.db', /no such file/],
        ['no/such/folder/isync.db', /no such file/],
        ['folder.db', /./],
        ['text.db', /not a database|SQLITE_NOTADB/],
        ['damaged.db', /malformed|damaged|SQLITE_CORRUPT|not a database/],
      ]
      for (const [name, why] of cases) {
        for (const args of inject('thorough') || name === 'none.db'
          ? [['orders:pull'], ['orders:pull', '--dry-run']]
          : [['orders:pull']]) {
          const complaint = await refused(args, [1, 2], inFolder({ database: `sqlite:${join(folder, name)}` }))
          expect(complaint.what, `${name} ${args.join(' ')}`).toMatch(/database/)
          expect(complaint.why, `${name} ${args.join(' ')}`).toMatch(why)
        }
      }
      expect(readdirSync(folder).filter((name) => name.startsWith('none') || name === 'no')).toEqual([])
      const migrate = await refused(
        ['db:migrate'],
        1,
        inFolder({ database: `sqlite:${join(folder, 'no/such/folder/isync.db')}` }),
      )
      expect(migrate).toMatchObject({ what: 'cannot open the database', next: expect.stringMatching(/folder/) })
    },
  )

  it.runIf(database.name === 'sqlite' && process.getuid?.() !== 0)(
    'a folder that may not be written: says whose permission is missing',
    async () => {
      const folder = mkdtempSync(join(inject('runDir'), 'locked-'))
      const file = join(folder, 'isync.db')
      writeFileSync(file, readFileSync(world.databaseUrl.slice('sqlite:'.length)))
      chmodSync(file, 0o400)
      chmodSync(folder, 0o500)
      const complaint = await refused(['orders:pull'], 1, inFolder({ database: `sqlite:${file}` }))
      expect(`${complaint.why} ${complaint.next}`).toMatch(/readonly|permission|owner/i)
      chmodSync(folder, 0o700)
    },
  )

  it('a schema of a newer program: refused, nothing is touched', async () => {
    const url = await database.migrated()
    await addMigration(url)
    const before = await fingerprint(url)
    for (const args of [['status'], ['db:migrate'], ['orders:pull', '--dry-run']]) {
      const complaint = await refused(args, 2, inFolder({ database: url }))
      expect(complaint).toMatchObject({
        what: expect.stringMatching(/newer than this program/),
        why: expect.stringMatching(/9999_future/),
        next: expect.stringMatching(/newer version/),
      })
    }
    expect(await fingerprint(url)).toBe(before)
  })

  /** A folder with the world's configuration, changed. `undefined` leaves a file or a secret out. */
  function inFolder(change: {
    readonly config?: string | undefined
    readonly env?: Readonly<Record<string, string | undefined>>
    readonly database?: string
  }): string {
    const folder = mkdtempSync(join(inject('runDir'), 'input-'))
    const config = 'config' in change ? change.config : original
    const text = change.database === undefined ? config : config?.replace(/^database: .*$/m, () => `database: ${change.database}`)
    if (text !== undefined) writeFileSync(join(folder, 'isync.config.yaml'), text)
    const secrets = Object.entries({ ...world.secrets, ...change.env }).filter(([, value]) => value !== undefined)
    writeFileSync(join(folder, '.env'), secrets.map(([name, value]) => `${name}=${value}\n`).join(''), { mode: 0o600 })
    return folder
  }

  /**
   * Refused as a document for a program and in words for a person, alike, and never with a stack trace. In the fast suite a person comes
   * every third time: both are made from the same facts, and cli-contract.test.ts has both for every kind.
   */
  async function refused(args: readonly string[], exit: number | readonly number[], folder = world.folder): Promise<Complaint> {
    const machine = await startProgram([...args, '--json'], folder)
    const { error }: { readonly error: Complaint } = JSON.parse(machine.stdout)
    expect([exit].flat(), `${args.join(' ')}: ${machine.stdout}`).toContain(error.exit_code)
    const facts = [error.what, error.where, error.why, error.next]
    expect(machine.code).toBe(error.exit_code)
    expect(facts).not.toContain('')
    expect(machine.stderr).toBe('')
    expect(machine.stdout).not.toMatch(/^\s+at .*:\d+:\d+/m)
    refusals += 1
    if (!inject('thorough') && refusals % 3 !== 1) return error
    const person = await startProgram(args, folder)
    expect(person.code).toBe(error.exit_code)
    for (const fact of facts) expect(person.stderr).toContain(fact)
    expect(person.stdout).toBe('')
    expect(person.stderr).not.toMatch(/^\s+at .*:\d+:\d+/m)
    return error
  }
})

async function closedPort(): Promise<number> {
  const server = createServer()
  const port = await new Promise<number>((settle) =>
    server.listen(0, '127.0.0.1', () => settle((server.address() as { port: number }).port)),
  )
  await new Promise((settle) => server.close(settle))
  return port
}

async function addMigration(url: string): Promise<void> {
  const { openDb } = await import('../../src/core/db/open.ts')
  const db = await openDb(url)
  await db.run(`insert into knex_migrations (name, batch, migration_time) values ('9999_future', 9, null)`)
  await db.close()
}
