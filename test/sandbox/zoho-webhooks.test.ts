import { createHmac } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Receiver, startReceiver } from './receiver.ts'
import { type Client, MINUTE, startZoho } from './zoho-client.ts'

const SECRET = 'Sandbox0Secret12'
const ITEM = '4815000000000044209'
const SIGNATURE = 'x-zoho-webhook-signature'

let zoho: Client
let receiver: Receiver

beforeEach(async () => {
  receiver = await startReceiver()
  zoho = await startZoho({ items: [{ sku: 'LAMP', item_id: ITEM, stock: 10 }] })
})

afterEach(async () => {
  await zoho.sandbox.close()
  await receiver.close()
})

function listen(hook: object = {}): void {
  expect(zoho.act('webhooks', { hooks: [{ url: `${receiver.origin}/hook`, secret: SECRET, ...hook }] })).toEqual({ hooks: 1 })
}

async function happens(action: string, argument: object) {
  zoho.act(action, argument)
  await zoho.sandbox.settle()
}

function hmac(text: string, encoding: 'hex' | 'base64' = 'hex'): string {
  return createHmac('sha256', SECRET).update(text).digest(encoding)
}

const bodies = () => receiver.received.map(({ body }) => JSON.parse(body))

describe('the signature', () => {
  it('of an address without parameters is made of the body alone', async () => {
    listen()
    await happens('change', { sku: 'LAMP', name: 'Lamp ü' })

    const [request] = receiver.received
    expect(request).toMatchObject({ method: 'POST', path: '/hook', query: '' })
    expect(request?.headers['content-type']).toBe('application/json;charset=UTF-8')
    expect(request?.headers[SIGNATURE]).toBe(hmac(request?.body ?? ''))
    expect(JSON.parse(request?.body ?? '')).toMatchObject({ item: { item_id: ITEM, sku: 'LAMP', name: 'Lamp ü' } })
  })

  it('of one with parameters begins with them: decoded, sorted, each name followed by its value', async () => {
    listen({ url: `${receiver.origin}/hook?subscription_id=90343&name=basic%20plan` })
    await happens('change', { sku: 'LAMP', rate: 12 })

    const [request] = receiver.received
    expect(request?.query).toBe('subscription_id=90343&name=basic%20plan')
    expect(request?.headers[SIGNATURE]).toBe(hmac(`namebasic plansubscription_id90343${request?.body}`))
  })

  it('of a form takes its fields as parameters too', async () => {
    listen({ form: 'form', url: `${receiver.origin}/hook?name=basic`, fields: { subscription_id: '90343' } })
    await happens('change', { sku: 'LAMP' })

    const [request] = receiver.received
    const form = new URLSearchParams(request?.body)
    expect(request?.headers['content-type']).toBe('application/x-www-form-urlencoded')
    expect([...form.keys()].sort()).toEqual(['JSONString', 'subscription_id'])
    expect(JSON.parse(form.get('JSONString') ?? '')).toMatchObject({ item: { sku: 'LAMP' } })
    // Upper case sorts first. A form has no JSON body behind its parameters.
    const signed = `JSONString${form.get('JSONString')}namebasicsubscription_id90343`
    expect(request?.headers[SIGNATURE]).toBe(hmac(signed))
  })

  it('is Base64 where it is set to, absent without a secret, and goes beside own headers', async () => {
    listen({ encoding: 'base64', headers: { 'X-Isync-Key': 'k'.repeat(32) } })
    await happens('change', { sku: 'LAMP' })
    listen({ secret: undefined, method: 'PUT' })
    await happens('change', { sku: 'LAMP' })

    const [signed, bare] = receiver.received
    expect(signed?.headers[SIGNATURE]).toBe(hmac(signed?.body ?? '', 'base64'))
    expect(signed?.headers['x-isync-key']).toBe('k'.repeat(32))
    expect(bare?.method).toBe('PUT')
    expect(bare?.headers[SIGNATURE]).toBeUndefined()
  })
})

describe('what moves stock', () => {
  it.each([
    ['set-stock', { stock: 7 }, 'inventory_adjustment', { quantity_adjusted: -3 }],
    ['set-stock', { physical: 12.5 }, 'inventory_adjustment', { quantity_adjusted: 2.5 }],
    ['set-stock', { committed: 4 }, 'salesorder', { quantity: 4 }],
    ['sales-order', { quantity: 2 }, 'salesorder', { quantity: 2 }],
    ['void-order', { quantity: 2 }, 'salesorder', { quantity: 2 }],
    ['invoice', {}, 'invoice', { quantity: 1 }],
    ['shipment', { quantity: 3 }, 'shipmentorder', { quantity: 3 }],
  ])('%s %j fires the rule of its own record, not the one of items', async (action, argument, name, line) => {
    listen()
    await happens(action, { sku: 'LAMP', ...argument })

    expect(bodies()).toEqual([{ [name]: expect.objectContaining({ [`${name}_id`]: expect.stringMatching(/^\d{19}$/) }) }])
    const [{ [name]: record }] = bodies()
    expect(record.line_items).toEqual([expect.objectContaining({ item_id: ITEM, sku: 'LAMP', ...line })])
    expect(record.last_modified_time).toBe('2026-11-01T04:00:00-0800')
  })

  it('fires the rule of items as well where it counts as a change of the item, with the new level', async () => {
    listen()
    await happens('set-stock', { sku: 'LAMP', stock: 7, touch: true })

    expect(bodies().find(({ item }) => item !== undefined).item).toMatchObject({
      available_stock: 7,
      last_modified_time: '2026-11-01T04:00:00-0800',
    })
    expect(bodies()).toHaveLength(2)
  })

  it('says nothing when nothing moved', async () => {
    listen()
    await happens('set-stock', { sku: 'LAMP', stock: 10 })

    expect(receiver.received).toEqual([])
  })

  it('tells who bought in the default payload of a sales order, and only ids in the raw one', async () => {
    listen({ modules: ['sales_orders'] })
    await happens('sales-order', { sku: 'LAMP' })
    listen({ modules: ['sales_orders'], form: 'raw' })
    await happens('sales-order', { sku: 'LAMP' })

    const [whole, raw] = bodies()
    expect(whole.salesorder).toMatchObject({ customer_name: 'Sample Customer', email: 'customer@example.com' })
    expect(raw).toEqual({
      salesorder: { salesorder_id: expect.any(String), line_items: [{ item_id: ITEM, sku: 'LAMP' }] },
    })
  })
})

describe('rules', () => {
  it('fire for items that are made, edited, switched off or on, never for those that are deleted or seeded', async () => {
    listen({ modules: ['items'] })
    zoho.seed({ items: [{ sku: 'SEEDED' }] })
    await happens('create', { items: [{ sku: 'A' }, { sku: 'B' }] })
    await happens('change', { sku: 'A', new_sku: 'A2' })
    await happens('deactivate', { sku: 'A2' })
    await happens('activate', { sku: 'A2' })
    await happens('delete', { sku: 'A2' })

    const told = bodies().map(({ item }) => `${item.sku} ${item.status}`)
    expect(told.slice(0, 2).sort()).toEqual(['A active', 'B active'])
    expect(told.slice(2)).toEqual(['A2 active', 'A2 inactive', 'A2 active'])
  })

  it('of other modules stay quiet, and an empty list ends them all', async () => {
    listen({ modules: ['invoices', 'shipments'] })
    await happens('set-stock', { sku: 'LAMP', stock: 1 })
    await happens('change', { sku: 'LAMP', name: 'Other' })
    expect(receiver.received).toEqual([])

    await happens('invoice', { sku: 'LAMP' })
    expect(receiver.received).toHaveLength(1)
    zoho.act('webhooks', { hooks: [] })
    await happens('invoice', { sku: 'LAMP' })
    expect(receiver.received).toHaveLength(1)
  })

  it('send numbers as text in the raw form, and ids as numbers where the organization has them so', async () => {
    listen({ form: 'raw' })
    await happens('change', { sku: 'LAMP' })
    expect(bodies()).toEqual([{ item: expect.objectContaining({ item_id: ITEM, available_stock: '10' }) }])

    zoho.seed({ settings: { ids: 'number' } })
    listen()
    await happens('change', { sku: 'LAMP' })
    expect(receiver.received[1]?.body).toContain(`"item_id":${ITEM},`)
    expect(receiver.received[1]?.headers[SIGNATURE]).toBe(hmac(receiver.received[1]?.body ?? ''))
  })

  it('fire once and are not tried again', async () => {
    await receiver.close()
    receiver = await startReceiver(() => ({ status: 500 }))
    listen()
    await happens('invoice', { sku: 'LAMP' })
    zoho.sandbox.clock.advance(24 * 60 * MINUTE)
    await zoho.sandbox.settle()

    expect(receiver.received).toHaveLength(1)
    expect(zoho.sandbox.outbox()).toMatchObject([{ vendor: 'zoho', topic: 'invoices', status: 500, state: 'answered' }])
  })

  it.each([
    [{ hooks: [{ url: 'http://127.0.0.1/', secret: 'too-short' }] }, /12 to 50 letters and digits/],
    [{ hooks: [{ secret: SECRET }] }, /needs a url/],
    [{ hooks: [{ url: 'http://127.0.0.1/', modules: ['bills'] }] }, /no module 'bills'/],
    [{}, /give hooks/],
  ])('%j is a mistake', (argument, complaint) => {
    expect(() => zoho.act('webhooks', argument)).toThrow(complaint)
  })
})
