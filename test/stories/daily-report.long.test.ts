import { SMTPServer } from 'smtp-server'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { databases } from '../world/databases.ts'
import { startWorld, type World } from '../world/loop.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** In every personal value of this file. */
const CANARY = /canar|5550199/i

interface Letter {
  readonly to: readonly string[]
  readonly source: string
}

/** A mail server of one's own, until it is closed. */
interface PostOffice {
  readonly letters: Letter[]
  readonly port: number
  close(): Promise<void>
}

function openPostOffice(port: number): Promise<PostOffice> {
  const letters: Letter[] = []
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData(stream, { envelope }, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        letters.push({ to: envelope.rcptTo.map(({ address }) => address), source: Buffer.concat(chunks).toString('utf8') })
        done()
      })
    },
  })
  return new Promise((opened) => {
    server.listen(port, '127.0.0.1', () => {
      const address = server.server.address()
      const own = typeof address === 'object' && address !== null ? address.port : port
      opened({ letters, port: own, close: () => new Promise((closed) => server.close(() => closed())) })
    })
  })
}

/** The parts of a mail by their type, as a reader sees them. */
function partsOf({ source }: Letter): Readonly<Record<string, string>> {
  const boundary = /boundary="?([^"\r\n;]+)/.exec(source)?.[1] ?? ''
  const parts = source.split(`--${boundary}`).flatMap((part) => {
    const [head = '', ...body] = part.split('\r\n\r\n')
    const type = /content-type: (text\/\w+)/i.exec(head)?.[1]
    return type === undefined ? [] : [[type, decoded(body.join('\r\n\r\n'), /transfer-encoding: (\S+)/i.exec(head)?.[1] ?? '')]]
  })
  return Object.fromEntries(parts)
}

function decoded(body: string, encoding: string): string {
  if (encoding.toLowerCase() === 'base64') return Buffer.from(body, 'base64').toString('utf8')
  if (encoding.toLowerCase() !== 'quoted-printable') return body
  const bytes = body
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}

const person = { name: 'Canarina Canarius', street_1: '1 Canary Wharf', city: 'Canaryville', phone: '+1 555 0199 0199' }

describe.each(databases)('the report of a day, with $name', (database) => {
  let office: PostOffice
  let world: World
  let day: string

  beforeAll(async () => {
    office = await openPostOffice(0)
    const mail = `alerts: { email: { host: 127.0.0.1, port: ${office.port}, security: none, from: isync@shop.example, to: [ann@shop.example, bob@shop.example] } }`
    world = await startWorld(database, {
      scale: 20,
      config: { top: `${mail}\nreports: { time_zone: Asia/Kolkata }\nretry: { push: 0 }` },
    })
    world.sandbox.seed('amazon', {
      rate_limits: 'off',
      orders: [{ order_id: '111-0000000-0000001' }, { order_id: '111-0000000-0000002' }],
    })
    world.sandbox.seed('mirakl', {
      rate_limits: false,
      orders: [{ order_id: 'M-1', state: 'SHIPPING', shipping_address: person }],
    })
    world.sandbox.seed('zoho', { items: [{ sku: 'SKU-1', stock: 10 }] })
    const moment = world.clock.now() + 5.5 * HOUR
    // Noon in India, of whatever day it is.
    world.clock.advance(DAY + 12 * HOUR - (moment % DAY))
    day = new Date(world.clock.now() + 5.5 * HOUR).toISOString().slice(0, 10)
    for (const command of ['orders:pull', 'orders:push-shipstation', 'inventory:full']) {
      const ran = await world.isync([command])
      expect(ran.code, ran.stdout + ran.stderr).toBe(0)
      world.clock.advance(60_000)
    }
  })
  afterAll(async () => {
    await world.close()
    await office.close()
  })

  it('tells the day so far, and the last whole one when it is over', async () => {
    const today = (await world.isync(['report:daily', '--day', day, '--json'])).json()
    expect(today).toMatchObject({
      ...{ schema_version: 1, day, time_zone: 'Asia/Kolkata', hours: 24, whole: false },
      all: { orders_in: 3, pushed: 3, not_in_shipstation: 0 },
      channels: [
        { channel: 'amazon-us', orders_in: 2 },
        { channel: 'mirakl-macys', orders_in: 1 },
      ],
      stock: { skus: 1 },
    })
    const asked = new Map((today['calls'] as { account: string; calls: number }[]).map(({ account, calls }) => [account, calls]))
    for (const vendor of ['amazon', 'mirakl', 'shipstation', 'zoho'] as const) {
      const account = { amazon: 'amazon-us', mirakl: 'mirakl-macys', shipstation: 'shipstation', zoho: 'zoho' }[vendor]
      expect(asked.get(account), vendor).toBe(world.sandbox.journal().filter((entry) => entry.vendor === vendor).length)
    }
    world.clock.advance(12 * HOUR)
    expect((await world.isync(['report:daily', '--json'])).json()).toMatchObject({ day, whole: true, all: { orders_in: 3 } })
  })

  it('shows in a dry run whom it would be mailed to, and mails nothing', async () => {
    const { code, stdout } = await world.isync(['report:daily', '--email', '--dry-run'])
    expect([code, office.letters]).toEqual([0, []])
    expect(stdout).toContain('Would be mailed to ann@shop.example, bob@shop.example.')
  })

  it('is mailed once, to those who get alerts, as text and as HTML, and holds nothing personal', async () => {
    const first = await world.isync(['report:daily', '--email'])
    expect([first.code, first.stderr]).toEqual([0, ''])
    const again = await world.isync(['report:daily', '--email', '--json'])
    expect(again.json()).toMatchObject({ mail: { state: 'already' }, all: { orders_in: 3 } })

    const [letter, ...others] = office.letters
    expect([letter?.to, others]).toEqual([['ann@shop.example', 'bob@shop.example'], []])
    expect(letter?.source).toMatch(new RegExp(`^Subject: \\[isync\\] ${day}: 3 orders in`, 'm'))
    const parts = partsOf(letter ?? { to: [], source: '' })
    expect(first.stdout).toContain(parts['text/plain']?.trim().replaceAll('\r\n', '\n').slice(0, 400))
    expect(parts['text/html']).toContain('into ShipStation')
    for (const text of [first.stdout, again.stdout, letter?.source, ...Object.values(parts)]) expect(text).not.toMatch(CANARY)
  })

  it('waits while the mail server is down, and is mailed later, once', async () => {
    const { port } = office
    await office.close()
    const down = await world.isync(['report:daily', '--email', '--again'])
    expect(down.code).toBe(3)
    expect(down.stdout).toMatch(/^! Not mailed yet: .*\n {4}next: nothing: it is tried again/m)
    office = await openPostOffice(port)
    world.clock.advance(HOUR)
    for (let n = 0; n < 2; n += 1) expect((await world.isync(['retry', '--kind', 'notify', '--yes'])).code).toBe(0)
    expect(office.letters.map(({ to }) => to.length)).toEqual([2])
  })
})
