import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { RetryableError } from '../../src/core/errors.ts'
import type { Log, LogFields } from '../../src/core/ports/system.ts'
import type { Refusal, WebhookRequest, WebhookSource, WebhookVerdict } from '../../src/core/ports/webhook.ts'
import type { Answering } from '../../src/serve/app.ts'
import { countAnswers } from '../../src/serve/figures.ts'
import { limitPace } from '../../src/serve/pace.ts'
import { senderBehind } from '../../src/serve/sender.ts'
import { startServer } from '../../src/serve/server.ts'
import { aClock, MINUTE } from '../world/a-clock.ts'
import type { LoggedLine } from '../world/gate.ts'
import { httpRequest, inChunks, sendRaw } from './hostile-raw.ts'

const LIMIT = 1_000
const ORIGIN = '127.0.0.1'

/** A server whose one sender, `orders`, is judged by the test; nothing is stored. */
async function aServer(
  over: Partial<Answering> & { readonly verdict?: (request: WebhookRequest) => Promise<WebhookVerdict> } = {},
) {
  const { verdict = takes, ...rest } = over
  const clock = aClock()
  const heard: WebhookRequest[] = []
  const refused: Refusal[] = []
  const logged: LoggedLine[] = []
  const ending = new AbortController()
  const source: WebhookSource = {
    name: 'orders',
    methods: ['POST'],
    types: ['application/json'],
    refusedStatus: 401,
    paths: () => [],
    verify(asked) {
      heard.push(asked)
      return verdict(asked)
    },
    read: () => ({ kind: 'nothing', why: '' }),
  }
  const server = await startServer(
    { host: ORIGIN, port: 0, requestTimeoutMs: 60_000 },
    {
      sources: [source],
      inbox: { keep: async (_, deliveries) => deliveries.map(() => 'new' as const), idle: async () => undefined },
      clock,
      ids: { next: () => 'an-id' },
      log: logTo(logged),
      pace: limitPace(1_000_000),
      senderOf: senderBehind([]),
      figures: countAnswers(),
      bodyLimit: LIMIT,
      isFull: () => false,
      refused: (_, reason) => refused.push(reason),
      kept: () => undefined,
      readiness: async () => ({ ready: true, checks: [], last_success_age_s: {} }),
      allFigures: async () => '',
      metricsToken: undefined,
      signal: ending.signal,
      ...rest,
    },
  )
  onTestFinished(() => server.stop(0))
  return { server, clock, heard, refused, logged, port: Number(new URL(server.origin).port) }
}

const takes = async ({ body }: WebhookRequest): Promise<WebhookVerdict> => ({
  status: 'genuine',
  deliveries: [{ key: 'k', repeated: 'same', topic: 'orders', body }],
})

function logTo(logged: LoggedLine[]): Log {
  const at = (level: LoggedLine['level']) => (fields: LogFields, message: string) => void logged.push({ level, message, fields })
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

const json = { 'content-type': 'application/json' }
const PATH = '/webhooks/orders/shop'

async function statusOf(port: number, bytes: Buffer): Promise<number | undefined> {
  const { statuses } = await sendRaw([bytes], { port, from: ORIGIN })
  expect(statuses.length).toBeLessThan(2)
  return statuses[0]
}

const posted = (port: number, target: string, body: Buffer | string = '{}') =>
  statusOf(port, httpRequest('POST', target, json, body))

/** Resolves once the condition holds; the test's own time limit ends it. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((go) => setImmediate(go))
}

describe('a proxy that nobody named', () => {
  const forwarded = { ...json, 'x-forwarded-for': '203.0.113.7' }
  const told = (logged: readonly LoggedLine[]) => logged.filter(({ message }) => message.includes('serve.trusted_proxies'))

  it('is told of once a minute: all senders behind it share one rate limit', async () => {
    const { port, logged } = await aServer()
    expect(await posted(port, PATH)).toBe(202)
    expect(told(logged)).toEqual([])
    for (let n = 0; n < 3; n += 1) expect(await statusOf(port, httpRequest('POST', PATH, forwarded, '{}'))).toBe(202)
    expect(told(logged)).toMatchObject([{ level: 'warn', fields: { proxy: ORIGIN } }])
  })

  it('is not one that is named, whomever it forwards', async () => {
    const { port, logged } = await aServer({ senderOf: senderBehind([ORIGIN]) })
    for (const address of ['203.0.113.7', '10.0.0.8'])
      expect(await statusOf(port, httpRequest('POST', PATH, { ...json, 'x-forwarded-for': address }, '{}'))).toBe(202)
    expect(told(logged)).toEqual([])
  })
})

describe('a body', () => {
  it('is the same bytes whether it tells its size or comes in chunks', async () => {
    const { port, heard } = await aServer()
    const body = Buffer.from([0x00, 0xff, 0x7b, 0x0d, 0x0a, 0xc3, 0x28])
    expect(await posted(port, PATH, body)).toBe(202)
    for (const size of [1, 3, 100]) expect(await statusOf(port, inChunks(PATH, json, body, size))).toBe(202)
    expect(await statusOf(port, inChunks(PATH, json, Buffer.alloc(0), 1))).toBe(202)
    expect(heard.map((one) => one.body.toString('hex'))).toEqual([...Array.from({ length: 4 }, () => body.toString('hex')), ''])
  })

  it('may have its size to the byte and not one more, told or not', async () => {
    const { port, heard, refused } = await aServer()
    const most = Buffer.alloc(LIMIT, 0x20)
    const more = Buffer.alloc(LIMIT + 1, 0x20)
    expect(await posted(port, PATH, most)).toBe(202)
    expect(await statusOf(port, inChunks(PATH, json, most, 300))).toBe(202)
    expect(await posted(port, PATH, more)).toBe(413)
    expect(await statusOf(port, inChunks(PATH, json, more, 300))).toBe(413)
    expect(refused).toEqual(['size', 'size'])
    expect(heard.length).toBe(2)
  })

  it('that breaks off is nobody’s message and no line of the log', async () => {
    const { port, heard, logged } = await aServer()
    await sendRaw([httpRequest('POST', PATH, { ...json, 'content-length': '500' }, '{"order')], {
      port,
      from: ORIGIN,
      ends: true,
    })
    expect(await posted(port, PATH)).toBe(202)
    expect(heard.length).toBe(1)
    expect(logged.filter(({ level }) => level !== 'debug')).toEqual([])
  })

  it('that does not come holds one of the 64 places that its sender has, and none of anybody else', async () => {
    const { port, refused, heard } = await aServer()
    const head = httpRequest('POST', PATH, { ...json, 'content-length': '2' })
    const held = Array.from({ length: 64 }, () => {
      const socket = connect({ host: ORIGIN, port })
      socket.write(head)
      return socket
    })
    // Whether all of them are there is seen by the first that finds no place.
    let status: number | undefined
    await until(() => held.every((socket) => !socket.connecting))
    for (let n = 0; n < 200 && status !== 429; n += 1) status = await posted(port, PATH)
    expect(status).toBe(429)
    expect(refused).toContain('rate')
    expect((await sendRaw([httpRequest('POST', PATH, json, '{}')], { port, from: '127.0.0.2' })).statuses).toEqual([202])
    const before = heard.length
    for (const socket of held) socket.write('{}')
    await until(() => heard.length >= before + 64)
    for (const socket of held) socket.destroy()
    expect(await posted(port, PATH)).toBe(202)
  })
})

describe('a path', () => {
  it.each([[PATH], [`${PATH}?a=b&c=%2F`], ['/webhooks/orders/a.b~c_d-E9'], ['/webhooks/orders/..a']])(
    'is taken as it stands: %s',
    async (target) => {
      const { port, heard } = await aServer()
      expect(await posted(port, target)).toBe(202)
      expect(heard[0]?.rest).toBe(target.split('?')[0]?.replace('/webhooks/orders/', ''))
    },
  )

  it.each([
    ['/webhooks/orders/../orders/shop'],
    ['/webhooks/orders/./shop'],
    ['/webhooks/orders/..'],
    ['/webhooks/orders/%2e%2e/shop'],
    ['/webhooks/orders/sh%6fp'],
    ['/webhooks//orders/shop'],
    ['//webhooks/orders/shop'],
    ['/webhooks/orders/shop#x'],
    ['/webhooks/orders\\shop'],
    ['/webhooks/orders/shop;x'],
    ['http://example.com/webhooks/orders/shop'],
    ['http://user:word@example.com/webhooks/orders/shop'],
    ['*'],
  ])('that two readers may read differently is nobody’s: %s', async (target) => {
    const { port, heard, refused } = await aServer()
    expect(await posted(port, target)).toBeOneOf([400, 404])
    expect(heard).toEqual([])
    expect(refused.length).toBe(1)
  })

  it('of a request to a host that is no name is refused and counted', async () => {
    const { port, refused } = await aServer()
    expect(await statusOf(port, httpRequest('POST', PATH, { ...json, host: 'a b' }, '{}'))).toBe(400)
    expect(refused).toEqual(['shape'])
  })
})

describe('what a stranger can bring about as often as they like', () => {
  it('is one line of the log a minute, with how many there were', async () => {
    const error = new RetryableError('the key cannot be had', { account: 'ebay-us', operation: 'key' })
    const { port, logged, clock } = await aServer({ verdict: async () => ({ status: 'undecided', error }) })
    for (let n = 0; n < 30; n += 1) expect(await posted(port, PATH)).toBe(503)
    expect(logged.filter(({ level }) => level === 'warn').map(({ fields }) => fields['times'])).toEqual([1])
    await clock.advance(MINUTE)
    expect(await posted(port, PATH)).toBe(503)
    expect(logged.filter(({ level }) => level === 'warn').map(({ fields }) => fields['times'])).toEqual([1, 30])
  })

  it('shows nothing of an error but its kind', async () => {
    const inbox = { keep: () => Promise.reject(new TypeError('a word of the stranger')), idle: async () => undefined }
    const { port, logged } = await aServer({ inbox })
    for (let n = 0; n < 5; n += 1) expect(await posted(port, PATH)).toBe(503)
    expect(logged.filter(({ level }) => level === 'error')).toEqual([
      { level: 'error', message: 'a request failed', fields: { step: 'serve', error: 'TypeError', times: 1 } },
    ])
  })
})

describe('a server that is told to stop', () => {
  it('answers what is under way first', async () => {
    let release: () => void = () => undefined
    const isReleased = new Promise<void>((go) => {
      release = go
    })
    const { server, port, heard } = await aServer({
      verdict: async (asked) => {
        await isReleased
        return takes(asked)
      },
    })
    const agent = new Agent({ keepAlive: true })
    const status = new Promise<number | undefined>((resolve, reject) => {
      const asking = request({ host: ORIGIN, port, method: 'POST', path: PATH, headers: json, agent }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
      asking.on('error', reject)
      asking.end('{}')
    })
    await until(() => heard.length === 1)
    const stopped = server.stop(10_000)
    release()
    expect(await status).toBe(202)
    agent.destroy()
    await stopped
    await expect(fetch(`${server.origin}/healthz`)).rejects.toThrow()
  })
})

describe('whether the server is ready', () => {
  const asked = (port: number) => statusOf(port, httpRequest('GET', '/readyz', {}, ''))

  it('may be asked by anybody as often as they like: the database is asked once a second', async () => {
    let looks = 0
    const readiness = async () => {
      looks += 1
      return { ready: looks < 3, checks: [], last_success_age_s: {} }
    }
    const { port, clock } = await aServer({ readiness })
    expect(await Promise.all(Array.from({ length: 20 }, () => asked(port)))).toEqual(Array(20).fill(200))
    expect(looks).toBe(1)
    await clock.advance(1_000)
    expect([await asked(port), await asked(port)]).toEqual([200, 200])
    await clock.advance(1_000)
    expect([await asked(port), await asked(port)]).toEqual([503, 503])
    expect(looks).toBe(3)
  })
})

describe('a message that was kept before', () => {
  it.each([
    ['repeat', 0],
    ['anew', 1],
  ] as const)('is answered with 200, whether or not it is worked on once more: %s', async (what, wakes) => {
    let woken = 0
    const inbox = { keep: async () => [what], idle: async () => undefined }
    const kept = () => {
      woken += 1
    }
    const { port } = await aServer({ inbox, kept })
    expect(await posted(port, PATH)).toBe(200)
    expect(woken).toBe(wakes)
  })
})
