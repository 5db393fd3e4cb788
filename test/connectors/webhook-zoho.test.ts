import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createZohoWebhook, type ZohoWebhookSettings } from '../../src/connectors/zoho/webhook.ts'
import { judged, leadsTo, readsAnything, refused, refusesAnything, taken, theOne } from './webhook-world.ts'

const SECRET = 'typedIntoZoho01'
const NEXT = 'typedIntoZoho02'
const KEY = 'second-secret-'.repeat(3)
const settings: ZohoWebhookSettings = {
  secrets: [SECRET, NEXT],
  keys: [],
  trustBody: false,
  availableField: 'available_stock',
  locationIds: [],
}
const source = createZohoWebhook(settings)
const FORM = 'application/x-www-form-urlencoded'

interface Sending {
  readonly body?: string | object
  readonly query?: readonly (readonly [string, string])[]
  readonly form?: Readonly<Record<string, string>>
  readonly secret?: string
  readonly encoding?: 'hex' | 'base64'
  readonly headers?: Readonly<Record<string, string>>
}

/** As Zoho signs: parameters sorted by name, name and value without anything between, then the JSON. */
function sent({ body = '', query = [], form, secret = SECRET, encoding = 'hex', headers = {} }: Sending) {
  const json = form !== undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body)
  const parameters = [...query, ...Object.entries(form ?? {})].toSorted(([a], [b]) => (a < b ? -1 : 1))
  const text = parameters.map(([name, value]) => name + value).join('') + json
  const signature = createHmac('sha256', secret).update(text).digest(encoding)
  return {
    query,
    body: form === undefined ? json : new URLSearchParams(form).toString(),
    headers: {
      'content-type': form === undefined ? 'application/json' : `${FORM}; charset=UTF-8`,
      'x-zoho-webhook-signature': signature,
      ...headers,
    },
  }
}

const ITEM = {
  item: {
    item_id: '4815000000044208',
    sku: 'MUG-1',
    name: 'Mug',
    status: 'active',
    available_stock: 10,
    last_modified_time: '2026-11-21T20:29:30+0530',
  },
}
const MUG = { itemId: '4815000000044208', sku: 'MUG-1' }

describe('a message of Zoho', () => {
  it('names the item of its record', async () => {
    expect(await leadsTo(source, sent({ body: ITEM }))).toEqual({ kind: 'stock', items: [MUG] })
  })

  it.each([
    ['a sales order', { salesorder: { salesorder_id: '9', line_items: [{ item_id: '1', sku: 'A' }, { item_id: '2' }] } }],
    ['an invoice', { invoice: { invoice_id: '9', line_items: [{ item_id: 1, sku: 'A' }, { item_id: '2' }] } }],
    [
      'a bill',
      {
        bill: {
          line_items: [
            { item_id: '1', sku: 'A', quantity: 3 },
            { item_id: '2', account_id: '7' },
          ],
        },
      },
    ],
    [
      'a receive',
      { purchasereceive: { receive_id: '9', line_items: [{ line_item_id: '7', item_id: '1', sku: 'A' }, { item_id: '2' }] } },
    ],
    [
      'a package',
      { package: { package_id: '9', line_items: [{ item_id: '1', sku: 'A' }], more: { line_items: [{ item_id: '2' }] } } },
    ],
    [
      'a shipment',
      { shipmentorder: { packages: [{ line_items: [{ item_id: '1', sku: 'A' }] }, { line_items: [{ item_id: '2' }] }] } },
    ],
    ['a transfer', { transfer_order: { line_items: [{ item_id: '1', sku: 'A', quantity_transfer: 2 }, { item_id: '2' }] } }],
    ['a credit note', { creditnote: { line_items: [{ item_id: '1', sku: 'A' }, { item_id: '2' }] } }],
    [
      'an adjustment',
      { inventory_adjustment: { line_items: [{ item_id: '1', sku: 'A', quantity_adjusted: -4 }, { item_id: '2' }] } },
    ],
    ['a bundling', { bundle: { composite_item_id: '2', line_items: [{ item_id: '1', sku: 'A', quantity_consumed: 1 }] } }],
    ['a composite item', { composite_item: { composite_item_id: '2', mapped_items: [{ item_id: '1', sku: 'A' }] } }],
    ['several records', [{ item_id: '1', sku: 'A' }, { item_id: '2' }]],
    ['a raw body', { item_id: '1', sku: 'A', parts: [{ item_id: '2' }] }],
    ['raw ids in a row', { item_ids: '1, 2,x', line_items: [{ item_id: '1', sku: 'A' }] }],
  ])('names the items of %s', async (_, body) => {
    const trigger = await leadsTo(source, sent({ body }))
    expect(trigger.kind).toBe('stock')
    const items = trigger.kind === 'stock' ? trigger.items : []
    expect(items.toSorted((a, b) => Number(a.itemId) - Number(b.itemId))).toEqual([{ itemId: '1', sku: 'A' }, { itemId: '2' }])
  })

  it('names them in a form and in parameters too', async () => {
    expect(await leadsTo(source, sent({ form: { JSONString: JSON.stringify(ITEM) } }))).toEqual({ kind: 'stock', items: [MUG] })
    expect(await theOne(source, sent({ form: { rule: '3', JSONString: JSON.stringify(ITEM) } }))).toMatchObject({
      topic: 'item',
      repeated: 'anew',
    })
    expect(await leadsTo(source, sent({ form: { item_id: '7', sku: 'A B' } }))).toEqual({
      kind: 'stock',
      items: [{ itemId: '7', sku: 'A B' }],
    })
    expect(await leadsTo(source, sent({ query: [['item_id', '7']] }))).toEqual({ kind: 'stock', items: [{ itemId: '7' }] })
    expect(await leadsTo(source, sent({ body: { sku: ' LAMP ' } }))).toEqual({ kind: 'stock', items: [{ sku: 'LAMP' }] })
  })

  it('loses no digit of an id that stands there as a number', async () => {
    const body = '{"item":{"item_id":4815000000044208123,"sku":"MUG-1"}}'
    expect(await leadsTo(source, sent({ body }))).toEqual({
      kind: 'stock',
      items: [{ itemId: '4815000000044208123', sku: 'MUG-1' }],
    })
  })

  it('takes for an id what is digits, twenty-five at most', async () => {
    const body = { line_items: ['1e5', '-1', '../1', '1'.repeat(26), '', null, { $gt: '' }].map((item_id) => ({ item_id })) }
    expect(await leadsTo(source, sent({ body }))).toMatchObject({ kind: 'nothing' })
  })

  it('names five hundred items at most, and says how many it left out', async () => {
    const body = { line_items: Array.from({ length: 700 }, (_, at) => ({ item_id: String(at + 1) })) }
    const verdict = await judged(source, sent({ body }))
    expect(verdict).toMatchObject({ status: 'genuine', note: expect.stringContaining('200 items too many') })
    const trigger = await leadsTo(source, sent({ body }))
    expect(trigger.kind === 'stock' && trigger.items.length).toBe(500)
  })

  it('is kept without the customer that a sales order has', async () => {
    const body = {
      salesorder: {
        customer_name: 'Ada Buyer',
        email: 'ada@buyer.example',
        line_items: [{ item_id: '1', name: 'Ada engraved' }],
      },
    }
    const { body: kept, topic } = await theOne(source, sent({ body }))
    expect(topic).toBe('salesorder')
    expect(JSON.parse(kept.toString())).toEqual({ items: [{ id: '1' }] })
  })

  it('that names no item is told apart from one that has only lines of another kind', async () => {
    expect(await leadsTo(source, sent({ body: { invoice: { line_items: [{ name: 'Freight' }] } } }))).toMatchObject({
      kind: 'nothing',
    })
    expect(await leadsTo(source, sent({ body: { contact: { contact_id: '1' } } }))).toEqual({
      kind: 'unreadable',
      why: 'it names no item',
    })
    expect(await leadsTo(source, sent({ body: 'Hello' }))).toEqual({ kind: 'unreadable', why: 'the body is no JSON' })
    expect(await leadsTo(source, sent({ body: '' }))).toEqual({ kind: 'unreadable', why: 'it names no item' })
  })
})

describe('the signature', () => {
  it('is over sorted parameters and the body, in the form of the published example', async () => {
    const text = 'namebasicsubscription_id90343{"created_date":"2019-03-06","event_id":"5675"}'
    const signature = createHmac('sha256', SECRET).update(text).digest('hex')
    const verdict = await judged(source, {
      query: [
        ['subscription_id', '90343'],
        ['name', 'basic'],
      ],
      body: '{"created_date":"2019-03-06","event_id":"5675"}',
      headers: { 'x-zoho-webhook-signature': signature },
    })
    expect(verdict).toMatchObject({ status: 'genuine', note: 'signature: hex over parameters and body' })
  })

  it('may be base64 or over the body alone, and it is said which', async () => {
    expect(await judged(source, sent({ body: ITEM, encoding: 'base64' }))).toMatchObject({
      note: 'signature: base64 over parameters and body',
    })
    const alone = { ...sent({ body: ITEM }), query: [['rule', '1']] as const }
    expect(await judged(source, alone)).toMatchObject({ note: 'signature: hex over the body alone' })
    const { headers } = sent({ body: ITEM })
    const upper = { ...headers, 'x-zoho-webhook-signature': headers['x-zoho-webhook-signature'].toUpperCase() }
    expect(await judged(source, { ...sent({ body: ITEM }), headers: upper })).toMatchObject({ status: 'genuine' })
  })

  it('may be by any of the secrets', async () => {
    expect(await judged(source, sent({ body: ITEM, secret: NEXT }))).toMatchObject({ status: 'genuine' })
    expect(await judged(source, sent({ body: ITEM, secret: 'typedIntoZoho03' }))).toEqual(refused('signature'))
  })

  it('is not believed for another body, other parameters, or none', async () => {
    const good = sent({ body: ITEM, query: [['a', '1']] })
    expect(await judged(source, good)).toMatchObject({ status: 'genuine' })
    expect(await judged(source, { ...good, body: `${good.body} ` })).toEqual(refused('signature'))
    expect(await judged(source, { ...good, query: [['a', '2']] })).toEqual(refused('signature'))
    expect(await judged(source, { ...good, query: [] })).toEqual(refused('signature'))
    expect(await judged(source, { ...good, headers: {} })).toEqual(refused('signature'))
    const half = good.headers['x-zoho-webhook-signature'].slice(0, 32)
    expect(await judged(source, { ...good, headers: { 'x-zoho-webhook-signature': half } })).toEqual(refused('signature'))
  })

  it('needs the second secret beside it where there is one', async () => {
    const strict = createZohoWebhook({ ...settings, keys: [KEY, `${KEY}2`] })
    expect(await judged(strict, sent({ body: ITEM }))).toEqual(refused('signature'))
    expect(await judged(strict, sent({ body: ITEM, headers: { 'x-isync-key': 'wrong' } }))).toEqual(refused('signature'))
    expect(await judged(strict, sent({ body: ITEM, headers: { 'x-isync-key': `${KEY}2` } }))).toMatchObject({ status: 'genuine' })
    expect(await judged(strict, sent({ body: ITEM, secret: 'no', headers: { 'x-isync-key': KEY } }))).toEqual(
      refused('signature'),
    )
  })

  it('counts on its one path', async () => {
    expect(await judged(source, { ...sent({ body: ITEM }), rest: 'x' })).toEqual(refused('path'))
    expect(source.paths().map(({ path }) => path)).toEqual(['/webhooks/zoho'])
  })
})

describe('the same message once more', () => {
  it.each([
    [
      'a record that tells when it changed',
      { salesorder: { last_modified_time: '2026-11-21T14:00:00+0000', line_items: [] } },
      'same',
    ],
    ['an item with its numbers, which may be as they were before two movements', ITEM, 'anew'],
    [
      'a bundle with its numbers',
      { composite_item: { composite_item_id: '1', available_stock: 2, last_modified_time: '2026-11-21T14:00:00+0000' } },
      'anew',
    ],
    ['an event with a number', { event_id: '5675', data: { invoice: { line_items: [] } } }, 'same'],
    ['an item without a number', { item: { item_id: '1', last_modified_time: '2026-11-21T14:00:00+0000' } }, 'anew'],
    ['an id alone', { item_id: '1' }, 'anew'],
    ['lines alone', { line_items: [{ item_id: '1', last_modified_time: '2026-11-21T14:00:00+0000' }] }, 'anew'],
  ])('%s: %s', async (_, body, repeated) => {
    const [first, second] = [await theOne(source, sent({ body })), await theOne(source, sent({ body }))]
    expect(first.repeated).toBe(repeated)
    expect(second.key).toBe(first.key)
    expect((await theOne(source, sent({ body, query: [['rule', '2']] }))).key).not.toBe(first.key)
  })
})

describe('a stock number in the body', () => {
  const trusting = createZohoWebhook({ ...settings, trustBody: true })
  const told = async (over: object, at = trusting) => {
    const trigger = await leadsTo(at, sent({ body: { item: { ...ITEM.item, ...over } } }))
    return trigger.kind === 'stock' ? trigger.items[0]?.told : trigger
  }

  it('is told with its time, if it is to be trusted', async () => {
    expect(await told({})).toEqual({ available: '10', at: Date.parse('2026-11-21T14:59:30Z') })
    expect(await told({}, source)).toBeUndefined()
  })

  it('is read exactly and rounded down', async () => {
    expect(await told({ available_stock: '12.00' })).toMatchObject({ available: '12' })
    expect(await told({ available_stock: '2.5' })).toMatchObject({ available: '2' })
    expect(await told({ available_stock: '-0.5' })).toMatchObject({ available: '-1' })
    expect(await told({ available_stock: '9007199254740991' })).toMatchObject({ available: '9007199254740991' })
  })

  it.each([
    ['another field is the configured one', { available_stock: undefined, stock_on_hand: 4 }],
    ['it is no number', { available_stock: '1,000' }],
    ['it is more than can be', { available_stock: '9007199254740993' }],
    ['no time stands by it', { last_modified_time: undefined }],
    ['the time has no zone', { last_modified_time: '2026-11-21T14:59:30' }],
    ['the time is far ahead', { last_modified_time: '2026-11-21T15:06:00Z' }],
    ['the item is off sale', { status: 'inactive' }],
  ])('is not told where %s', async (_, over) => {
    expect(await told(over)).toBeUndefined()
  })

  it('is not told where only some places count, nor out of the lines of another record', async () => {
    expect(await told({}, createZohoWebhook({ ...settings, trustBody: true, locationIds: ['1'] }))).toBeUndefined()
    const lines = { salesorder: { last_modified_time: '2026-11-21T14:00:00Z', line_items: [ITEM.item] } }
    expect(await leadsTo(trusting, sent({ body: lines }))).toEqual({ kind: 'stock', items: [MUG] })
  })
})

describe('anything else', () => {
  it('gets nobody in', () => refusesAnything(source))

  it('is read without harm', () => readsAnything(source))

  it('is not taken apart when it has more fields than a form of Zoho has', async () => {
    const form = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, at) => [`f${at}`, '1']))
    expect(await judged(source, sent({ form: form(501) }))).toEqual(refused('shape'))
    expect(await judged(source, sent({ form: { ...form(499), item_id: '7' } }))).toMatchObject({ status: 'genuine' })
    const many = { headers: { 'content-type': FORM }, body: 'a&'.repeat(131_072) }
    const started = performance.now()
    expect(await judged(source, many)).toEqual(refused('shape'))
    expect(performance.now() - started).toBeLessThan(100)
  })

  it('with the right signature is taken in without harm', async () => {
    for (const body of [
      '['.repeat(20_000),
      `${'{"item":'.repeat(20_000)}1${'}'.repeat(20_000)}`,
      '{"__proto__":{"item_id":"1"}}',
    ]) {
      expect(await taken(source, sent({ body }))).toHaveLength(1)
    }
    const wide = { line_items: Array.from({ length: 20_000 }, () => ({ a: {}, b: [] })) }
    expect(await leadsTo(source, sent({ body: wide }))).toMatchObject({ kind: 'nothing' })
  })
})
