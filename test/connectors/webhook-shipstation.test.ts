import { describe, expect, it } from 'vitest'
import { createShipStationWebhook } from '../../src/connectors/shipstation/webhook.ts'
import { judged, leadsTo, readsAnything, refused, refusesAnything, theOne } from './webhook-world.ts'

const TOKEN = 'f3b1c0de'.repeat(4)
const NEXT = 'ab-cd_ef'.repeat(4)
const source = createShipStationWebhook({ tokens: [TOKEN, NEXT] })
const LABEL = 'https://ssapi6.shipstation.com/shipments?batchId=187980859&includeShipmentItems=False'

const hook = (resource_url: string, resource_type = 'SHIP_NOTIFY', rest = TOKEN) => ({
  rest,
  body: { resource_url, resource_type },
})

describe('a message of ShipStation', () => {
  it('asks for the labels of its batch', async () => {
    expect(await leadsTo(source, hook(LABEL))).toEqual({ kind: 'packages', stream: 'shipments', batchId: '187980859' })
  })

  it.each([
    ['SHIP_NOTIFY', 'shipments'],
    ['ITEM_SHIP_NOTIFY', 'shipments'],
    ['FULFILLMENT_SHIPPED', 'fulfillments'],
    ['FULFILLMENT_REJECTED', 'fulfillments'],
  ])('%s asks for %s', async (event, stream) => {
    expect(await leadsTo(source, hook('https://ssapi.shipstation.com/fulfillments', event))).toEqual({ kind: 'packages', stream })
  })

  it.each(['ORDER_NOTIFY', 'ITEM_ORDER_NOTIFY', 'SOMETHING_NEW'])('%s asks for nothing', async (event) => {
    const url = 'https://ssapi6.shipstation.com/orders?importBatch=1c92e3a0-7f6c-4d3e-9d51-2b6a0e4c7f11'
    expect(await leadsTo(source, hook(url, event))).toEqual({ kind: 'nothing', why: `${event} asks for nothing` })
  })

  it('names the batch by digits alone, whatever else stands there', async () => {
    const url = 'https://ssapi6.shipstation.com/shipments?batchId=1%26storeID%3D2&storeID=7&pageSize=500'
    expect(await leadsTo(source, hook(url))).toEqual({ kind: 'packages', stream: 'shipments' })
  })

  it('keeps no address', async () => {
    const { body } = await theOne(source, hook(LABEL))
    expect(JSON.parse(body.toString())).toEqual({ event: 'SHIP_NOTIFY', batch_id: '187980859' })
  })
})

describe('the same message once more', () => {
  it('is the same where it names a batch, and news where it could be about any label', async () => {
    const batch = await theOne(source, hook(LABEL))
    expect(batch).toMatchObject({ repeated: 'same', topic: 'SHIP_NOTIFY' })
    expect((await theOne(source, hook(LABEL))).key).toBe(batch.key)
    expect((await theOne(source, hook(LABEL, 'ITEM_SHIP_NOTIFY'))).key).not.toBe(batch.key)
    expect((await theOne(source, hook(LABEL.replace('859', '860')))).key).not.toBe(batch.key)
    expect(await theOne(source, hook('https://ssapi6.shipstation.com/shipments?storeID=7'))).toMatchObject({ repeated: 'anew' })
    expect(await theOne(source, hook('https://ssapi6.shipstation.com/orders?importBatch=1c92'))).toMatchObject({
      repeated: 'same',
    })
  })
})

describe('the path', () => {
  it('gives out the first token and accepts each', async () => {
    expect(source.paths().map(({ path }) => path)).toEqual([`/webhooks/shipstation/${TOKEN}`])
    expect(await judged(source, hook(LABEL, 'SHIP_NOTIFY', NEXT))).toMatchObject({ status: 'genuine' })
  })

  it.each(['', TOKEN.slice(1), `${TOKEN}/`, `${TOKEN}/x`, TOKEN.toUpperCase(), `%66${TOKEN.slice(1)}`, `${TOKEN} `])(
    '%j opens nothing',
    async (rest) => {
      expect(await judged(source, hook(LABEL, 'SHIP_NOTIFY', rest))).toEqual(refused('signature'))
    },
  )
})

describe("an address that is not ShipStation's", () => {
  it.each([
    'http://ssapi6.shipstation.com/shipments?batchId=1',
    'https://ssapi6.shipstation.com:443/shipments?batchId=1',
    'https://ssapi6.shipstation.com:8443/shipments?batchId=1',
    'https://key@ssapi6.shipstation.com/shipments?batchId=1',
    'https://key:secret@ssapi6.shipstation.com/shipments',
    'https://ssapi6.shipstation.com@evil.example/shipments',
    'https://ssapi6.shipstation.com\\@evil.example/shipments',
    'https://evil.example/shipments?x=https://ssapi6.shipstation.com/shipments',
    'https://ssapi6.shipstation.com.evil.example/shipments',
    'https://evil.example#.shipstation.com/shipments',
    'https://ssapi6-shipstation.com/shipments',
    'https://ssapi6xshipstation.com/shipments',
    'https://ssapi6.shipstation.com./shipments',
    'https://ssapix.shipstation.com/shipments',
    'https://evilssapi6.shipstation.com/shipments',
    'https://ssapi٦.shipstation.com/shipments',
    'https://ssapi6.shipstation.com/accounts/listtags',
    'https://ssapi6.shipstation.com/shipments/../orders',
    'https://ssapi6.shipstation.com/shipments/',
    'https://ssapi6.shipstation.com//shipments',
    'https://ssapi6.shipstation.com/%73hipments',
    'https://ssapi6.shipstation.com/shipments?batchId=1#x',
    'https://ssapi6.shipstation.com/shipments\n?batchId=1',
    ' https://ssapi6.shipstation.com/shipments',
    '//ssapi6.shipstation.com/shipments',
    'file:///etc/passwd',
    'https://127.0.0.1/shipments',
    'https://2130706433/shipments',
    'https://0x7f.1/shipments',
    'https://[::1]/shipments',
    'https://[::ffff:127.0.0.1]/shipments',
    'https://169.254.169.254/shipments',
    'https://localtest.me/shipments',
    'javascript:alert(1)',
    '',
    `https://ssapi6.shipstation.com/shipments?batchId=${'1'.repeat(400)}`,
  ])('%j is refused', async (url) => {
    expect(await judged(source, hook(url))).toEqual(refused('address'))
  })

  it('is that of the configured endpoint where there is one, to the letter', async () => {
    const local = createShipStationWebhook({ tokens: [TOKEN], endpoint: 'http://127.0.0.1:4601' })
    expect(await leadsTo(local, hook('http://127.0.0.1:4601/shipments?batchId=12'))).toMatchObject({ batchId: '12' })
    expect(await leadsTo(local, hook(LABEL))).toMatchObject({ batchId: '187980859' })
    for (const url of [
      'http://127.0.0.1:4602/shipments?batchId=12',
      'http://127.0.0.1:46011/shipments',
      'https://127.0.0.1:4601/shipments',
      'http://127.0.0.1:4601/shipments/x',
      'http://127.0.0.1:4601/shipments?a?b',
      'http://127.0.0.1:4601@evil.example/shipments',
      'http://localhost:4601/shipments',
    ])
      expect(await judged(local, hook(url)), url).toEqual(refused('address'))
  })
})

describe('anything else', () => {
  it.each([
    'no JSON',
    '[]',
    'null',
    '{}',
    '{"resource_url":1,"resource_type":"SHIP_NOTIFY"}',
    `{"resource_url":"${LABEL}"}`,
    `{"resource_url":"${LABEL}","resource_type":"ship notify"}`,
    `{"resource_url":"${LABEL}","resource_type":"${'A'.repeat(61)}"}`,
  ])('%s cannot be kept', async (body) => {
    expect(await judged(source, { rest: TOKEN, body })).toEqual(refused('shape'))
  })

  it('gets nobody in', () => refusesAnything(source))

  it('is read without harm', () => readsAnything(source))
})
