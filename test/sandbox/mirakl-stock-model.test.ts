import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { MODELS_FOUND, miraklOperations, type Operation, titleWithModels } from '../contract/models.ts'
import { MINUTE } from './mirakl-client.ts'
import { HEADER, type StockClient, startStock } from './mirakl-stock-client.ts'

describe.skipIf(!MODELS_FOUND)(titleWithModels('mirakl: replies about stock hold against the published models'), () => {
  let market: StockClient
  let operations: readonly Operation[]

  beforeAll(async () => {
    operations = miraklOperations()
    market = await startStock()
    market.sandbox.seed('mirakl', {
      accounts: [{ api_key: 'us', shop_id: 2002, channel: 'US' }],
      offers: [
        { sku: 'A', quantity: 3, price: '12.34', description: 'Described' },
        { sku: 'EMPTY', quantity: 0 },
        { sku: 'WIDE', warehouses: { EAST: 1, WEST: 2 }, fulfillment_center_code: 'OPERATOR-DC' },
        { sku: 'A', api_key: 'us', quantity: 1 },
      ],
    })
  })

  afterAll(() => market?.sandbox.close())

  function check(method: string, template: string, status: number, json: unknown): void {
    let held = 0
    for (const { file, replies } of operations.filter((one) => one.method === method && one.template === template)) {
      const validate = replies.get(String(status))
      if (validate === undefined) continue
      held += 1
      validate(json)
      expect(validate.errors ?? [], `${file}: ${method} ${template} ${status}`).toEqual([])
    }
    expect(held, `${method} ${template} ${status} is in no model`).toBeGreaterThan(0)
  }

  it('OF21', async () => {
    for (const key of ['sandbox-key', 'us']) {
      const { status, body } = await market.get('/api/offers', key)
      expect(body).toMatchObject({ total_count: key === 'us' ? 1 : 3 })
      check('GET', '/api/offers', status, body)
    }
  })

  it('STO01 and STO02, from the first to the last state', async () => {
    const { status, body } = await market.upload(`${HEADER}\n"A";"7";"";""\n"NOBODY";"7";"";""`)
    check('POST', '/api/offers/stock/imports', status, body)
    const seen: unknown[] = []
    for (const wait of [0, 10_000, 10_000]) {
      market.sandbox.clock.advance(wait)
      const told = await market.get(`/api/offers/stock/imports/${body.import_id}/status`)
      seen.push((told.body as unknown as { status: string }).status)
      check('GET', '/api/offers/stock/imports/{import_id}/status', told.status, told.body)
    }
    expect(seen).toEqual(['WAITING', 'RUNNING', 'COMPLETE'])
  })

  it('a status that is off does not hold', () => {
    const off = { import_id: 7, status: 'COMPLETE', has_error_report: 'no', shop_id: 1, date_created: 'today', lines: 1 }
    const [vendor] = operations.filter((one) => one.template === '/api/offers/stock/imports/{import_id}/status')
    const validate = vendor?.replies.get('200')
    expect(validate?.(off)).toBe(false)
    expect(validate?.errors?.map(({ keyword }) => keyword).toSorted()).toEqual(['additionalProperties', 'format', 'type', 'type'])
  })

  it('OF24 and OF01', async () => {
    const offer = { shop_sku: 'A', product_id: 'A', product_id_type: 'SHOP_SKU', state_code: '11', price: 12, update_delete: '' }
    const written = await market.call('POST', '/api/offers', { offers: [offer] })
    check('POST', '/api/offers', written.status, written.body)
    const imported = await market.upload('sku;quantity\nA;7', {
      path: '/api/offers/imports',
      fields: { import_mode: 'NORMAL' },
    })
    check('POST', '/api/offers/imports', imported.status, imported.body)
  })

  it('error bodies', async () => {
    const { status, body } = await market.get('/api/offers/stock/imports/none/status')
    expect(status).toBe(404)
    check('GET', '/api/offers/stock/imports/{import_id}/status', status, body)
    const empty = await market.upload('')
    expect(empty.status).toBe(400)
    check('POST', '/api/offers/stock/imports', empty.status, empty.body)
    market.sandbox.seed('mirakl', { settings: { rate_limits: { every_ms: { STO01: MINUTE } } } })
    await market.upload(HEADER)
    const soon = await market.upload(`${HEADER}\n`)
    expect(soon.status).toBe(429)
    check('POST', '/api/offers/stock/imports', soon.status, soon.body)
  })
})
