import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createClock } from '../../src/sandbox/clock.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts'

const START = Date.UTC(2026, 10, 21, 20)
const AUTH = { authorization: `Basic ${Buffer.from('sandbox-key:sandbox-secret').toString('base64')}` }

let sandbox: Sandbox

beforeEach(async () => {
  sandbox = await startSandbox({ clock: createClock({ start: START, scale: 0 }) })
})

afterEach(async () => {
  await sandbox.close()
})

function ask(path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(`${sandbox.origins.shipstation}${path}`, { ...init, headers: { ...AUTH, ...init.headers } })
}

function control(path: string, method = 'GET', body?: unknown): Promise<Response> {
  return fetch(`${sandbox.origins.control}${path}`, body === undefined ? { method } : { method, body: JSON.stringify(body) })
}

const ORDER = {
  orderNumber: 'A-1',
  orderKey: 'engine:A-1',
  orderDate: '2026-11-20 10:00:00',
  orderStatus: 'awaiting_shipment',
  billTo: { name: 'Test Buyer' },
  shipTo: { name: 'Test Buyer', country: 'US' },
  items: [{ lineItemKey: '1', name: 'Thing', sku: 'T-1', quantity: 1, unitPrice: 2 }],
}

function create(): Promise<Response> {
  return ask('/orders/createorders', { method: 'POST', body: JSON.stringify([ORDER]) })
}

function stored(): number {
  return (sandbox.books('shipstation') as { orders: unknown[] }).orders.length
}

describe('the clock', () => {
  it('runs with its scale and can be moved', () => {
    const clock = createClock({ start: START, scale: 0 })

    clock.advance(5000)

    expect(clock.now()).toBe(START + 5000)
    clock.set(START)
    clock.setScale(1000)
    const before = clock.now()
    const until = Date.now() + 20
    while (Date.now() < until);
    expect(clock.now() - before).toBeGreaterThanOrEqual(15_000)
  })

  it('is shared by all that name the same file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'clock-'))
    const file = join(folder, 'deep', 'clock.json')
    const one = createClock({ file, start: START, scale: 0 })
    const two = createClock({ file })

    one.advance(1000)
    expect(two.now()).toBe(START + 1000)
    two.advance(1000)
    expect(one.now()).toBe(START + 2000)
    two.setScale(60)
    expect(one.state().scale).toBe(60)

    expect(Object.keys(JSON.parse(readFileSync(file, 'utf8'))).sort()).toEqual(['anchorReal', 'anchorVirtual', 'scale'])
    rmSync(folder, { recursive: true })
  })
})

describe('faults before the stand-in sees the request', () => {
  it.each(['status', 'html', 'throttle', 'token-revoked'] as const)('%s leaves no effect', async (kind) => {
    sandbox.addFault({ vendor: 'shipstation', kind })

    const reply = await create()

    expect(reply.status).toBe({ status: 503, html: 200, throttle: 429, 'token-revoked': 401 }[kind])
    expect(stored()).toBe(0)
    expect((await create()).status).toBe(200)
  })

  it('a throttle may come without any header or body', async () => {
    sandbox.addFault({ vendor: 'shipstation', kind: 'throttle' })

    const reply = await ask('/stores')

    expect(await reply.text()).toBe('')
    expect(reply.headers.get('x-rate-limit-reset')).toBeNull()
  })

  it('a cut kills the socket', async () => {
    sandbox.addFault({ vendor: 'shipstation', kind: 'cut' })

    await expect(create()).rejects.toThrow()

    expect(stored()).toBe(0)
  })

  it('a timeout holds the socket until the client gives up', async () => {
    sandbox.addFault({ vendor: 'shipstation', kind: 'timeout' })

    await expect(ask('/stores', { signal: AbortSignal.timeout(100) })).rejects.toThrow(/timeout/i)
  })
})

describe('faults after the effect', () => {
  it.each(['cut-after', 'timeout-after'] as const)('%s stores the order and gives no answer', async (kind) => {
    sandbox.addFault({ vendor: 'shipstation', kind, match: { path: '/createorders$' } })

    const signal = AbortSignal.timeout(150)
    await expect(ask('/orders/createorders', { method: 'POST', body: JSON.stringify([ORDER]), signal })).rejects.toThrow()

    expect(stored()).toBe(1)
    expect(sandbox.journal().at(-1)).toMatchObject({ fault: kind, status: 0, path: '/orders/createorders' })
  })

  it('cut-after with a status breaks off in the body', async () => {
    sandbox.addFault({ vendor: 'shipstation', kind: 'cut-after', status: 200 })

    const reply = await create()

    expect(reply.status).toBe(200)
    await expect(reply.text()).rejects.toThrow()
    expect(stored()).toBe(1)
  })

  it('truncate sends half of the body in a whole message', async () => {
    sandbox.addFault({ vendor: 'shipstation', kind: 'truncate' })

    const body = await (await create()).text()

    expect(() => JSON.parse(body)).toThrow()
    expect(stored()).toBe(1)
  })

  it.each(['status-after', 'html-after'] as const)('%s stores the order and says something else', async (kind) => {
    sandbox.addFault({ vendor: 'shipstation', kind, status: 502 })

    expect((await create()).status).toBe(502)

    expect(stored()).toBe(1)
  })

  it('repeat-page answers with the previous reply to the same path', async () => {
    sandbox.seed('shipstation', { orders: [ORDER, { ...ORDER, orderNumber: 'A-2', orderKey: 'engine:A-2' }] })
    sandbox.addFault({ vendor: 'shipstation', kind: 'repeat-page', match: { path: 'page=2' } })

    const first = await (await ask('/orders?pageSize=1&page=1')).text()
    const second = await (await ask('/orders?pageSize=1&page=2')).text()
    const again = await (await ask('/orders?pageSize=1&page=2')).text()

    expect(second).toBe(first)
    expect(again).not.toBe(first)
  })

  it('slow answers late but whole', async () => {
    sandbox.addFault({ vendor: 'shipstation', kind: 'slow', delayMs: 80 })
    const before = Date.now()

    const reply = await (await ask('/stores')).json()

    expect(reply).toHaveLength(6)
    expect(Date.now() - before).toBeGreaterThanOrEqual(75)
  })
})

describe('which fault bites', () => {
  it('honours method, path, body, after and times', async () => {
    sandbox.addFault({
      vendor: 'shipstation',
      kind: 'status',
      status: 500,
      match: { method: 'POST', path: '^/orders/createorders$', body: 'A-1' },
      after: 1,
      times: 2,
    })

    const statuses: number[] = []
    for (let i = 0; i < 4; i++) statuses.push((await create()).status)

    expect(statuses).toEqual([200, 500, 500, 200])
    expect((await ask('/stores')).status).toBe(200)
  })

  it('the first match bites, and the next one the next request', async () => {
    sandbox.addFault({ vendor: 'shipstation', kind: 'status', status: 500 })
    sandbox.addFault({ vendor: 'shipstation', kind: 'status', status: 504, body: 'late' })

    expect((await ask('/stores')).status).toBe(500)
    expect(await (await ask('/stores')).text()).toBe('late')
    expect((await ask('/stores')).status).toBe(200)
    expect(sandbox.faults().map((fault) => fault.bitten)).toEqual([1, 1])
  })
})

describe('the journal', () => {
  it('keeps bodies but no credential', async () => {
    await create()
    await fetch(`${sandbox.origins.amazon}/auth/o2/token?client_secret=top-secret`, {
      method: 'POST',
      body: 'refresh_token=very-secret',
    })

    const kept = JSON.stringify(sandbox.journal())

    expect(kept).toContain('engine:A-1')
    expect(kept).not.toMatch(/Basic|secret[^"=&]*-secret|very-secret|top-secret/)
    expect(sandbox.journal()).toHaveLength(2)
  })

  it('can do without bodies', async () => {
    const lean = await startSandbox({ keepBodies: false })
    await fetch(`${lean.origins.shipstation}/stores`, { headers: AUTH })

    expect(lean.journal()[0]).toMatchObject({ requestBody: '', replyBody: '', status: 200 })
    await lean.close()
  })

  it('counts by path shape', async () => {
    await ask('/orders/12')
    await ask('/orders/13')

    expect(sandbox.counts().shipstation).toEqual({ 'GET /orders/{id}': 2 })
  })

  it("has the vendor's time in the Date header", async () => {
    expect((await ask('/stores')).headers.get('date')).toBe(new Date(START).toUTCString())
  })
})

describe('the control port', () => {
  it('lists what it can do', async () => {
    expect(await (await control('/')).text()).toContain('POST   /faults')
    expect(await (await control('/health')).json()).toMatchObject({ ok: true, origins: sandbox.origins, now: START })
  })

  it('seeds, acts, shows the books and resets', async () => {
    await control('/seed/shipstation', 'POST', { orders: [ORDER] })
    const acted = await control('/act/shipstation/ship', 'POST', { order_key: ORDER.orderKey, packages: [{ tracking: '9400' }] })
    const books = (await (await control('/books/shipstation')).json()) as { shipments: unknown[] }

    expect(await acted.json()).toMatchObject({ status: 'shipped' })
    expect(books.shipments).toHaveLength(1)
    await control('/reset', 'POST')
    expect(stored()).toBe(0)
  })

  it('takes and forgets faults', async () => {
    await control('/faults', 'POST', [{ vendor: 'shipstation', kind: 'status', times: 5 }])
    expect((await ask('/stores')).status).toBe(503)
    expect(await (await control('/faults')).json()).toMatchObject([{ kind: 'status', bitten: 1 }])

    await control('/faults', 'DELETE')

    expect((await ask('/stores')).status).toBe(200)
  })

  it('turns the clock', async () => {
    expect(await (await control('/clock', 'POST', { advance_ms: 1000 })).json()).toMatchObject({ now: START + 1000 })
    expect(await (await control('/clock', 'POST', { set: '2026-12-01T00:00:00Z' })).json()).toMatchObject({
      iso: '2026-12-01T00:00:00.000Z',
    })
    expect(await (await control('/clock', 'POST', { scale: 1 })).json()).toMatchObject({ scale: 1 })
  })

  it('shows the journal from a number on', async () => {
    await ask('/stores')
    await ask('/carriers')

    expect(await (await control('/journal?vendor=shipstation&since=1')).json()).toMatchObject([{ n: 2, path: '/carriers' }])
    expect(await (await control('/counts')).json()).toMatchObject({ shipstation: { 'GET /stores': 1 } })
  })

  it.each([
    ['/seed/etsy', 'POST', {}, 'Unknown vendor "etsy"'],
    ['/faults', 'POST', { vendor: 'shipstation', kind: 'explode' }, 'kind must be one of'],
    ['/faults', 'POST', { vendor: 'shipstation', kind: 'cut', match: { path: '(' } }, 'Invalid regular expression'],
    ['/act/shipstation/dance', 'POST', {}, 'ShipStation knows no action "dance"'],
    ['/clock', 'POST', {}, 'advance_ms, set or scale'],
    ['/seed/shipstation', 'POST', { order: [] }, 'knows no "order"'],
  ])('answers %s %s %j with what is wrong', async (path, method, body, complaint) => {
    const reply = await control(path, method, body)

    expect(reply.status).toBe(400)
    expect(((await reply.json()) as { error: string }).error).toContain(complaint)
  })
})

describe('closing', () => {
  it('is immediate although a request is held', async () => {
    sandbox.addFault({ vendor: 'shipstation', kind: 'timeout' })
    const held = ask('/stores').catch(() => 'dead')
    await new Promise((resolve) => setTimeout(resolve, 50))
    const before = Date.now()

    await sandbox.close()

    expect(Date.now() - before).toBeLessThan(500)
    expect(await held).toBe('dead')
    sandbox = await startSandbox()
  })

  it('frees the fixed ports, which follow each other', async () => {
    const base = 20_000 + (process.pid % 10_000)
    const fixed = await startSandbox({ portBase: base })
    expect(fixed.origins).toEqual({
      control: `http://127.0.0.1:${base}`,
      amazon: `http://127.0.0.1:${base + 1}`,
      mirakl: `http://127.0.0.1:${base + 2}`,
      shipstation: `http://127.0.0.1:${base + 3}`,
      zoho: `http://127.0.0.1:${base + 4}`,
      ebay: `http://127.0.0.1:${base + 5}`,
      dsco: `http://127.0.0.1:${base + 6}`,
      channeladvisor: `http://127.0.0.1:${base + 7}`,
    })

    await expect(startSandbox({ portBase: base })).rejects.toThrow(/EADDRINUSE/)

    await fixed.close()
    await (await startSandbox({ portBase: base })).close()
  })
})
