import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import ssh2 from 'ssh2'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { SftpPlace } from '../../src/connectors/file/settings.ts'
import { fingerprintOf, type SftpServer, startSftpServer } from './file-server.ts'
import { type FileWorld, openFileWorld, pagesOf, parcel, row, signal, table } from './file-world.ts'

const KEY = ssh2.utils.generateKeyPairSync('ed25519')

let world: FileWorld
beforeEach(() => {
  world = openFileWorld()
})
afterEach(() => world.close())

describe('an SFTP server', () => {
  let server: SftpServer
  let place: SftpPlace
  beforeEach(async () => {
    server = await startSftpServer({ root: world.root, user: 'seller', password: 'right', publicKey: KEY.public })
    place = {
      kind: 'sftp',
      path: '/',
      host: '127.0.0.1',
      port: server.port,
      user: 'seller',
      password: 'right',
      hostKey: server.hostKey,
    }
  })
  afterEach(() => server.close())

  it('that shows another key gets no password, and the account is closed', async () => {
    const { connector, account } = world.connect({ place: { ...place, hostKey: `SHA256:${'A'.repeat(43)}` } })

    await expect(pagesOf(connector)).rejects.toMatchObject({
      kind: 'auth',
      message: expect.stringContaining(`ssh-ed25519 key ${server.hostKey}`),
    })

    expect([server.logins(), account.opened.length]).toEqual([0, 1])
    await expect(pagesOf(connector)).rejects.toMatchObject({ kind: 'auth', message: expect.stringContaining('not called') })
  })

  it('that refuses the login closes the account, and no error has the password', async () => {
    const { connector, account } = world.connect({ place: { ...place, password: 'wrong-secret' } })

    const failure = await pagesOf(connector).catch((error: unknown) => error)

    expect(failure).toMatchObject({ name: 'AuthError', operation: 'login' })
    expect(account.opened).toHaveLength(1)
    expect(JSON.stringify([String(failure), account.opened])).not.toContain('wrong-secret')
  })

  it('lets a key in, and what is no key is told as that', async () => {
    const { password: _, ...bare } = place
    const keyed = (text: string) => world.connect({ place: { ...bare, privateKey: Buffer.from(text).toString('base64') } })

    expect(await keyed(KEY.private).connector.health(signal)).toMatchObject({ ok: true })
    await expect(pagesOf(keyed('no key').connector)).rejects.toMatchObject({ kind: 'auth' })
    await expect(pagesOf(keyed(ssh2.utils.generateKeyPairSync('ed25519').private).connector)).rejects.toMatchObject({
      kind: 'auth',
    })
    // A connection that is left open keeps a command from ending.
    await expect.poll(() => server.callers()).toBe(0)
  })

  it('may ask for the password in a question, and list nothing but names', async () => {
    const other = await startSftpServer({
      ...{ root: world.root, user: 'seller', password: 'right' },
      ...{ asks: true, listsNamesOnly: true },
    })
    try {
      const there = { ...place, port: other.port, hostKey: other.hostKey }
      for (const name of ['one.csv', 'two.csv']) {
        world.drop(name, table(row(name)))
        expect((await pagesOf(world.connect({ place: there }).connector)).flatMap(({ orders }) => orders)).not.toEqual([])
      }
      expect((await world.connect({ place: there }).connector.getOrders(['one.csv'], signal)).orders).toHaveLength(1)
      await expect(pagesOf(world.connect({ place: { ...there, password: 'wrong' } }).connector)).rejects.toMatchObject({
        kind: 'auth',
      })
    } finally {
      await other.close()
    }
  })

  it('that is not there, or breaks off, may be tried again', async () => {
    const away = world.connect({ place: { ...place, port: await freePort() } })
    await expect(pagesOf(away.connector)).rejects.toMatchObject({ kind: 'retryable', outcomeUnknown: false })
    server.set({ trouble: 'cut', times: 1 })
    await expect(pagesOf(world.connect({ place }).connector)).rejects.toMatchObject({ kind: 'retryable' })
    server.set({ trouble: 'busy', times: 1 })
    await expect(pagesOf(world.connect({ place }).connector)).rejects.toMatchObject({ kind: 'throttled', waitMs: 60_000 })
  })

  it('that does not let the account write says so for good', async () => {
    world.drop('orders.csv', table(row('A1')))
    const { connector } = world.connect({ place })
    await pagesOf(connector)
    server.set({ trouble: 'deny', times: 100, onNaming: true })

    await expect(connector.confirmShipments([parcel('A1')], signal)).rejects.toMatchObject({ kind: 'permanent' })
    expect(await connector.lookUpConfirmations([parcel('A1')], signal)).toEqual(['absent'])
  })

  it('that says a move failed when it was done is not believed, and nothing that was told is lost', async () => {
    world.drop('orders.csv', table(row('A1')))
    const { connector } = world.connect({ place, stock: 'full' })
    await pagesOf(connector)
    server.set({ trouble: 'fail-after', times: 1, onNaming: true })

    expect(await connector.confirmShipments([parcel('A1')], signal)).toEqual([{ status: 'accepted' }])

    expect(world.names('out')).toMatchObject([expect.stringMatching(/^tracking-/)])
    server.set({ trouble: 'fail', times: 1, onNaming: true })
    await expect(connector.updateQuantities([{ channel: 'shop', sku: 'A', quantity: 1 }], 'full', signal)).rejects.toMatchObject({
      ...{ kind: 'retryable', outcomeUnknown: true },
    })
  })

  it('is asked in one connection per piece of work, and none is left open', async () => {
    world.drop('orders.csv', table(row('A1'), row('A2')))
    const { connector } = world.connect({ place })
    await pagesOf(connector)
    await connector.confirmShipments([parcel('A1'), parcel('A2')], signal)

    expect(server.logins()).toBe(2)
    await expect.poll(() => server.callers()).toBe(0)
  })

  it('without the extension for it still replaces stock.csv', async () => {
    const { connector } = world.connect({ place, stock: 'full' })
    for (const quantity of [3, 4]) await connector.updateQuantities([{ channel: 'shop', sku: 'A', quantity }], 'full', signal)
    expect(world.text('out/stock.csv')).toBe('sku,quantity\r\nA,4\r\n')
  })
})

const SSHD = ['/usr/sbin/sshd', '/usr/local/sbin/sshd'].find((path) => existsSync(path))
if (SSHD === undefined)
  process.stderr.write("no sshd on this machine: the file channel is not tried against OpenSSH's own server\n")

describe.skipIf(SSHD === undefined)("OpenSSH's own server", () => {
  let stop: () => Promise<void>
  let place: SftpPlace
  let home: FileWorld
  beforeAll(async () => {
    home = openFileWorld()
    const host = ssh2.utils.generateKeyPairSync('ed25519')
    const port = await freePort()
    const at = (name: string) => join(home.root, 'ssh', name)
    mkdirSync(join(home.root, 'ssh'), { mode: 0o700 })
    writeFileSync(at('host'), host.private, { mode: 0o600 })
    writeFileSync(at('allowed'), `${KEY.public}\n`, { mode: 0o600 })
    const lines = [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${at('host')}`,
      `AuthorizedKeysFile ${at('allowed')}`,
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'UsePAM no',
      'StrictModes no',
      'PermitRootLogin yes',
      `PidFile ${at('pid')}`,
      'Subsystem sftp internal-sftp',
    ]
    writeFileSync(at('config'), `${lines.join('\n')}\n`)
    // As root it wants a folder of its own to be there, which a service would have made.
    if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 })
    execFileSync(SSHD ?? '', ['-t', '-f', at('config')])
    const sshd = spawn(SSHD ?? '', ['-D', '-e', '-f', at('config')], { stdio: ['ignore', 'ignore', 'pipe'] })
    await new Promise<void>((resolve, reject) => {
      let said = ''
      sshd.stderr.on('data', (chunk: Buffer) => {
        said += chunk.toString()
        if (said.includes('Server listening')) resolve()
      })
      sshd.on('exit', () => reject(new Error(said)))
    })
    stop = () =>
      new Promise((resolve) => {
        sshd.on('exit', () => resolve())
        sshd.kill()
      })
    place = {
      ...{ kind: 'sftp', host: '127.0.0.1', port, path: home.root, user: userInfo().username },
      hostKey: fingerprintOf(host.public),
      privateKey: Buffer.from(KEY.private).toString('base64'),
    }
  })
  afterAll(async () => {
    await stop()
    home.close()
  })

  it('exchanges orders, packages and stock', async () => {
    home.drop('orders.csv', table(row('A1'), row('A2')))
    const { connector } = home.connect({ place, stock: 'full' })

    expect(await connector.health(signal)).toMatchObject({ ok: true })
    expect((await pagesOf(connector)).flatMap(({ orders }) => orders).map(({ shipTo }) => shipTo?.name)).toEqual([
      'Jürgen Groß',
      'Jürgen Groß',
    ])
    expect(home.names('in')).toEqual([])
    for (let time = 0; time < 2; time += 1)
      expect(await home.connect({ place }).connector.confirmShipments([parcel('A1')], signal)).toEqual([{ status: 'accepted' }])
    expect(await connector.lookUpConfirmations([parcel('A1'), parcel('A2')], signal)).toEqual(['confirmed', 'absent'])
    for (const quantity of [3, 4]) await connector.updateQuantities([{ channel: 'shop', sku: 'A', quantity }], 'full', signal)

    const [stock = '', tracking = '', ...more] = home.names('out')
    expect([stock, more]).toEqual(['stock.csv', []])
    expect(readFileSync(join(home.root, 'out', stock), 'utf8')).toBe('sku,quantity\r\nA,4\r\n')
    expect(home.text(`out/${tracking}`)).toContain('1Z-A1')
  })

  it('is told apart from another by its key, and refuses strangers', async () => {
    const strange = home.connect({ place: { ...place, hostKey: `SHA256:${'A'.repeat(43)}` } })
    await expect(pagesOf(strange.connector)).rejects.toMatchObject({
      kind: 'auth',
      message: expect.stringContaining(place.hostKey),
    })
    const other = Buffer.from(ssh2.utils.generateKeyPairSync('ed25519').private).toString('base64')
    await expect(pagesOf(home.connect({ place: { ...place, privateKey: other } }).connector)).rejects.toMatchObject({
      kind: 'auth',
    })
  })

  it('says which folder is not there', async () => {
    const { connector } = home.connect({ place, folders: { in: 'in', out: 'nowhere', archive: 'archive' } })
    expect((await connector.health(signal)).checks.filter(({ ok }) => !ok).map(({ check }) => check)).toEqual(['out'])
  })
})

async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
