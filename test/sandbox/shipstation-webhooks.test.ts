import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createClock } from '../../src/sandbox/clock.ts'
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts'
import { type Receiver, startReceiver } from './receiver.ts'
import { basic, order, type ShipStationClient, START, startShipStation } from './shipstation-client.ts'

const MINUTE = 60_000

let client: ShipStationClient
let sandbox: Sandbox
let receiver: Receiver

beforeEach(async () => {
  client = await startShipStation()
  sandbox = client.sandbox
  receiver = await startReceiver()
  await client.createOrders(order('1'), order('2'), order('3', { advancedOptions: { storeId: 20003 } }))
})

afterEach(async () => {
  await sandbox.close()
  await receiver.close()
})

async function subscribe(event = 'SHIP_NOTIFY', more: object = {}): Promise<void> {
  const reply = await client.call('POST', '/webhooks/subscribe', {
    target_url: `${receiver.origin}/hook/${event}`,
    event,
    ...more,
  })
  expect(reply.status).toBe(200)
}

function ship(number: string, ...tracking: string[]) {
  return client.act('ship', { order_number: number, packages: tracking.map((one) => ({ tracking: one })) })
}

const bodies = () => receiver.received.map(({ body }) => JSON.parse(body))

describe('a label that is made', () => {
  it('is told to the subscriber once, with nothing but an address of ShipStation', async () => {
    await subscribe()
    ship('1', 'T1')
    await sandbox.settle()

    expect(receiver.received).toMatchObject([
      { method: 'POST', path: '/hook/SHIP_NOTIFY', query: '', headers: { 'content-type': 'application/json' } },
    ])
    const [body] = bodies()
    expect(Object.keys(body)).toEqual(['resource_url', 'resource_type'])
    expect(body.resource_type).toBe('SHIP_NOTIFY')
    expect(body.resource_url).toMatch(/^https:\/\/ssapi6\.shipstation\.com\/shipments\?batchId=\d+&includeShipmentItems=False$/)
    expect(body.resource_url.length).toBeLessThanOrEqual(200)
    const { pathname, search } = new URL(body.resource_url)
    expect((await client.get(pathname + search)).body.shipments).toMatchObject([{ trackingNumber: 'T1' }])
  })

  it('has its entry in the outbox, with the times of both clocks and the answer', async () => {
    await subscribe()
    const before = Date.now()
    ship('1', 'T1')
    await sandbox.settle()

    const [entry] = sandbox.outbox()
    expect(entry).toMatchObject({
      n: 1,
      of: 1,
      vendor: 'shipstation',
      topic: 'SHIP_NOTIFY',
      attempt: 1,
      state: 'answered',
      status: 202,
    })
    expect(entry?.requestBody).toBe(receiver.received[0]?.body)
    expect([entry?.queued.virtual, entry?.sent?.virtual, entry?.ended?.virtual]).toEqual([START, START, START])
    const arrived = receiver.received[0]?.at ?? 0
    expect(entry?.sent?.real).toBeGreaterThanOrEqual(before)
    expect(entry?.sent?.real).toBeLessThanOrEqual(arrived)
    expect(entry?.ended?.real).toBeGreaterThanOrEqual(arrived)
  })

  it('makes one message with all its packages, one for a batch of orders, and none for a return or a void', async () => {
    await subscribe()
    ship('1', 'T1', 'T2')
    const batch = client.act('ship-batch', {
      orders: [
        { order_number: '2', packages: [{ tracking: 'T3' }] },
        { order_number: '3', packages: [{ tracking: 'T4' }] },
      ],
    })
    client.act('ship', { order_number: '1', packages: [{ tracking: 'R1', is_return: true }] })
    client.act('void', { tracking: 'T3' })
    await sandbox.settle()

    expect(receiver.received).toHaveLength(2)
    const { search } = new URL(bodies().find(({ resource_url: url }) => url.includes(batch.batch_id)).resource_url)
    const { shipments } = (await client.get(`/shipments${search}`)).body
    expect(shipments.map((one: { trackingNumber: string }) => one.trackingNumber).sort()).toEqual(['T3', 'T4'])
  })

  it('goes to every subscription that it concerns: of its event, and of its store or of all', async () => {
    await subscribe('SHIP_NOTIFY', { store_id: 20003 })
    await subscribe('ITEM_SHIP_NOTIFY')
    await subscribe('ORDER_NOTIFY')
    await subscribe('FULFILLMENT_SHIPPED')
    ship('1', 'T1')
    await sandbox.settle()
    expect(bodies()).toMatchObject([{ resource_type: 'ITEM_SHIP_NOTIFY', resource_url: expect.stringMatching(/=True$/) }])

    ship('3', 'T3')
    await sandbox.settle()
    expect(
      receiver.received
        .slice(1)
        .map(({ path }) => path)
        .sort(),
    ).toEqual(['/hook/ITEM_SHIP_NOTIFY', '/hook/SHIP_NOTIFY'])
  })

  it('is not told after the subscription was taken back', async () => {
    await subscribe()
    const [{ WebHookID: id }] = (await client.get('/webhooks')).body.webhooks
    await client.call('DELETE', `/webhooks/${id}`)
    ship('1', 'T1')
    await sandbox.settle()

    expect(sandbox.outbox()).toEqual([])
  })

  it('names the stand-in itself, or any other origin, where it is set to', async () => {
    await subscribe()
    sandbox.seed('shipstation', { hook_origin: 'own' })
    ship('1', 'T1')
    await sandbox.settle()
    sandbox.seed('shipstation', { hook_origin: 'https://ssapi6.shipstation.com.evil.example' })
    ship('2', 'T2')
    await sandbox.settle()

    const [own, other] = bodies()
    expect(new URL(own.resource_url).origin).toBe(sandbox.origins.shipstation)
    expect(new URL(other.resource_url).origin).toBe('https://ssapi6.shipstation.com.evil.example')
  })
})

describe('a mark as shipped', () => {
  it('sends nothing, as ShipStation says of labels only, unless it is set to', async () => {
    await subscribe('SHIP_NOTIFY')
    await subscribe('FULFILLMENT_SHIPPED')
    client.act('mark-as-shipped', { order_number: '1', tracking: 'M1' })
    sandbox.seed('shipstation', { hook_on_marks: true })
    client.act('mark-as-shipped', { order_number: '2', tracking: 'M2' })
    await sandbox.settle()

    expect(receiver.received).toHaveLength(1)
    const [{ resource_url: url, resource_type: type }] = bodies()
    expect(type).toBe('FULFILLMENT_SHIPPED')
    const { pathname, search } = new URL(url)
    expect((await client.get(pathname + search)).body.fulfillments).toMatchObject([{ trackingNumber: 'M2' }])
  })
})

describe('a delivery that goes wrong', () => {
  it('is not tried again', async () => {
    await receiver.close()
    receiver = await startReceiver(() => ({ status: 503 }))
    await subscribe()
    ship('1', 'T1')
    await sandbox.settle()
    sandbox.clock.advance(60 * MINUTE)
    await sandbox.settle()

    expect(receiver.received).toHaveLength(1)
    expect(sandbox.outbox()).toMatchObject([{ state: 'answered', status: 503 }])
  })

  it('says so when nobody listens, and when it is led elsewhere it does not follow', async () => {
    await receiver.close()
    await subscribe()
    ship('1', 'T1')
    await sandbox.settle()
    expect(sandbox.outbox()).toMatchObject([{ state: 'failed', status: 0, error: expect.stringContaining('ECONNREFUSED') }])

    const elsewhere = await startReceiver()
    receiver = await startReceiver(() => ({ status: 307, headers: { location: `${elsewhere.origin}/` } }))
    await subscribe()
    ship('2', 'T2')
    await sandbox.settle()
    expect(sandbox.outbox().at(-1)).toMatchObject({ state: 'answered', status: 307 })
    expect(elsewhere.received).toEqual([])
    await elsewhere.close()
  })

  it('gets lost, comes twice or comes late by a fault', async () => {
    await subscribe()
    sandbox.addFault({ vendor: 'shipstation', kind: 'push-lost' })
    ship('1', 'T1')
    await sandbox.settle()
    expect(receiver.received).toEqual([])
    expect(sandbox.outbox()).toMatchObject([{ state: 'lost', fault: 'push-lost', status: 0 }])

    sandbox.addFault({ vendor: 'shipstation', kind: 'push-twice', delayMs: 5_000 })
    ship('2', 'T2')
    await sandbox.settle()
    expect(receiver.received).toHaveLength(1)
    sandbox.clock.advance(5_000)
    await sandbox.settle()
    expect(receiver.received[1]?.body).toBe(receiver.received[0]?.body)
    expect(sandbox.outbox().slice(1)).toMatchObject([
      { of: 2, state: 'answered', sent: { virtual: START } },
      { of: 2, state: 'answered', sent: { virtual: START + 5_000 } },
    ])

    sandbox.addFault({ vendor: 'shipstation', kind: 'push-late', delayMs: 10 * MINUTE, match: { path: '/hook/' } })
    ship('3', 'T3')
    await sandbox.settle()
    expect(receiver.received).toHaveLength(2)
    expect(sandbox.outbox().at(-1)).toMatchObject({ state: 'waiting', fault: 'push-late' })
    sandbox.clock.advance(10 * MINUTE)
    await sandbox.settle()
    expect(receiver.received).toHaveLength(3)
    expect(sandbox.faults().map(({ bitten }) => bitten)).toEqual([1, 1, 1])
  })

  it('is not bitten by the faults of what is asked, nor the other way round', async () => {
    await subscribe()
    sandbox.addFault({ vendor: 'shipstation', kind: 'push-lost', times: 9 })
    expect((await client.get('/stores')).status).toBe(200)
    expect(sandbox.faults()).toMatchObject([{ matched: 0, bitten: 0 }])
    sandbox.clearFaults()
    sandbox.addFault({ vendor: 'shipstation', kind: 'status', status: 500 })
    ship('1', 'T1')
    await sandbox.settle()

    expect(sandbox.outbox()).toMatchObject([{ state: 'answered', status: 202 }])
    expect(sandbox.faults()).toMatchObject([{ matched: 0, bitten: 0 }])
  })

  it('a copy and a late one meet no further fault', async () => {
    await subscribe()
    sandbox.addFault({ vendor: 'shipstation', kind: 'push-twice', times: 9 })
    ship('1', 'T1')
    await sandbox.settle()
    expect(receiver.received).toHaveLength(2)

    sandbox.clearFaults()
    sandbox.addFault({ vendor: 'shipstation', kind: 'push-late', times: 9 })
    ship('2', 'T2')
    await sandbox.settle()
    sandbox.clock.advance(MINUTE)
    await sandbox.settle()
    expect(receiver.received).toHaveLength(3)
  })
})

describe('a receiver that never answers', () => {
  beforeEach(async () => {
    await receiver.close()
    receiver = await startReceiver(() => 'never')
  })

  it('is not waited for beyond the time that was set', async () => {
    const impatient = await startSandbox({ clock: createClock({ start: START, scale: 0 }), pushTimeoutMs: 50 })
    const hook = { target_url: `${receiver.origin}/`, event: 'SHIP_NOTIFY' }
    const headers = { authorization: basic('sandbox-key', 'sandbox-secret'), 'content-type': 'application/json' }
    const url = `${impatient.origins.shipstation}/webhooks/subscribe`
    await fetch(url, { method: 'POST', headers, body: JSON.stringify(hook) })
    impatient.act('shipstation', 'label-without-order', { tracking: 'T1' })
    await impatient.settle()

    expect(impatient.outbox()).toMatchObject([{ state: 'failed', status: 0, error: 'no answer within 0.05 s' }])
    await impatient.close()
  })

  it('holds up neither a reset nor the end', async () => {
    await subscribe()
    ship('1', 'T1')
    await expect.poll(() => receiver.received.length).toBe(1)
    expect(sandbox.outbox()).toMatchObject([{ state: 'sending' }])
    const settled = sandbox.settle()
    sandbox.reset()
    await settled

    expect(sandbox.outbox()).toEqual([])
  })
})

describe('virtual time that runs by itself', () => {
  it('brings a late delivery when it is due', async () => {
    await subscribe()
    sandbox.addFault({ vendor: 'shipstation', kind: 'push-late', delayMs: 10 * MINUTE })
    ship('1', 'T1')
    await sandbox.settle()
    sandbox.clock.setScale(10_000)
    await expect.poll(() => receiver.received.length).toBe(1)

    expect(sandbox.outbox()[0]?.sent?.virtual).toBeGreaterThanOrEqual(START + 10 * MINUTE)
  })
})

describe('addresses beyond this machine', () => {
  it.each([
    'http://192.0.2.7/hook',
    'https://hooks.example.com/webhooks/shipstation/token',
    'http://localhost.example.com/hook',
    'http://[2001:db8::1]/hook',
    'http://[::ffff:192.0.2.7]/hook',
    'http://0.0.0.0:1/hook',
    'http://user:secret@127.0.0.1:1/hook',
  ])('%s is never called, and the outbox says so', async (url) => {
    expect((await client.call('POST', '/webhooks/subscribe', { target_url: url, event: 'SHIP_NOTIFY' })).status).toBe(200)
    ship('1', 'T1')
    await sandbox.settle()

    const [entry] = sandbox.outbox()
    expect(entry).toMatchObject({ state: 'refused', status: 0, error: expect.stringContaining('not sent: ') })
    expect(entry?.sent).toBeUndefined()
  })

  it('localhost by its name is this machine', async () => {
    await client.call('POST', '/webhooks/subscribe', {
      target_url: receiver.origin.replace('127.0.0.1', 'localhost'),
      event: 'SHIP_NOTIFY',
    })
    ship('1', 'T1')
    await sandbox.settle()

    expect(receiver.received).toHaveLength(1)
  })
})

describe('the control port', () => {
  async function control(method: string, path: string): Promise<ReturnType<typeof JSON.parse>> {
    return (await fetch(`${sandbox.origins.control}${path}`, { method })).json()
  }

  it('shows the outbox and waits for it', async () => {
    await subscribe()
    ship('1', 'T1')
    ship('2', 'T2')

    expect(await control('POST', '/outbox/settle')).toEqual({ ok: true, sent: 2 })
    expect(await control('GET', '/outbox')).toMatchObject([{ n: 1, status: 202 }, { n: 2 }])
    expect(await control('GET', '/outbox?since=1&vendor=shipstation')).toMatchObject([{ n: 2 }])
    expect(await control('GET', '/outbox?vendor=zoho')).toEqual([])
    expect((await fetch(`${sandbox.origins.control}/outbox/now`, { method: 'POST' })).status).toBe(400)
  })

  it('forgets with a reset what was sent and what waits', async () => {
    await subscribe()
    sandbox.addFault({ vendor: 'shipstation', kind: 'push-late' })
    ship('1', 'T1')
    await sandbox.settle()
    await control('POST', '/reset')
    sandbox.clock.advance(60 * MINUTE)
    await sandbox.settle()

    expect(sandbox.outbox()).toEqual([])
    expect(receiver.received).toEqual([])
  })
})

describe('many messages', () => {
  it('a thousand arrive once each, at most fifty at a time', async () => {
    let most = 0
    await receiver.close()
    receiver = await startReceiver(() => {
      most = Math.max(most, sandbox.outbox().filter(({ state }) => state === 'sending').length)
      return { status: 202 }
    })
    await subscribe()
    const numbers = Array.from({ length: 1000 }, (_, i) => `N${i}`)
    for (let i = 0; i < 1000; i += 100) await client.createOrders(...numbers.slice(i, i + 100).map((number) => order(number)))
    for (const number of numbers) ship(number, `T-${number}`)
    await sandbox.settle()

    expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1000)
    expect(receiver.received).toHaveLength(1000)
    expect(most).toBe(50)
  })
})
