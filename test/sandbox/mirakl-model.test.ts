import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts'
import { MODELS_FOUND, miraklOperations, type Operation, titleWithModels } from '../contract/models.ts'

describe.skipIf(!MODELS_FOUND)(titleWithModels('mirakl: replies hold against the published models'), () => {
  let sandbox: Sandbox
  let operations: readonly Operation[]

  beforeAll(async () => {
    operations = miraklOperations()
    sandbox = await startSandbox()
    sandbox.seed('mirakl', {
      rate_limits: false,
      accounts: [{ api_key: 'plain', shop_id: 2002, channel: 'US' }],
      settings: { partial_acceptance: false },
      orders: [
        { order_id: 'W-A', state: 'WAITING_ACCEPTANCE' },
        {
          order_id: 'FULL-A',
          channel: 'US',
          pudo_id: 'PUDO-1',
          shipping_type_standard_code: 'STD',
          references: { order_reference_for_customer: 'c', order_reference_for_seller: 's' },
          additional_fields: [
            { code: 'gift', type: 'BOOLEAN', value: 'true' },
            { code: 'days', type: 'MULTIPLE_VALUES_LIST', value: ['MON', 'TUE'] },
          ],
          ship_to: { company: 'Example Co', street_2: 'Unit 5', additional_info: 'Ring twice', phone: null, state: null },
          lines: [
            {
              quantity: 4,
              price_unit: '12.34',
              shipping_price: '1.50',
              taxes: [{ code: 'TAX', amount: '1.23', rate: '8.875' }],
              shipping_taxes: [{ amount: '0.10' }],
              refunds: [{ amount: '2.00', quantity: 1 }],
              canceled_quantity: 1,
              additional_fields: [{ code: 'engraving', type: 'STRING', value: 'A' }],
            },
            { state: 'CANCELED' },
          ],
        },
        { order_id: 'NUM-A', state: 'RECEIVED', tracking: { carrier_code: 'UPS', carrier_name: 'UPS', tracking_number: '1Z' } },
      ],
    })
  })

  afterAll(() => sandbox?.close())

  function described(method: string, template: string): readonly Operation[] {
    return operations.filter((one) => one.method === method.toUpperCase() && one.template === template)
  }

  async function check(
    method: string,
    path: string,
    template: string,
    status: number,
    body?: unknown,
    key = 'sandbox-key',
  ): Promise<unknown> {
    const reply = await fetch(`${sandbox.origins.mirakl}${path}`, {
      method: method.toUpperCase(),
      headers: { authorization: key, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    expect(reply.status, `${method} ${path}`).toBe(status)
    const json: unknown = await reply.json()
    let held = 0
    for (const { file, replies } of described(method, template)) {
      const validate = replies.get(String(status))
      if (validate === undefined) continue
      held += 1
      validate(json)
      expect(validate.errors ?? [], `${file}: ${method} ${path}`).toEqual([])
    }
    expect(held, `${method} ${template} ${status} is in no model`).toBeGreaterThan(0)
    return json
  }

  it('A01, OR11 and SH21', async () => {
    await check('get', '/api/account', '/api/account', 200)
    await check('get', '/api/account', '/api/account', 200, undefined, 'plain')
    await check('get', '/api/orders', '/api/orders', 200)
    await check('get', '/api/shipping/carriers', '/api/shipping/carriers', 200)
  })

  it('ST01, ST11, ST12, ST23 and ST24', async () => {
    await check('get', '/api/shipments/items_to_ship?limit=1', '/api/shipments/items_to_ship', 200)
    const shipment = {
      order_id: 'FULL-A',
      shipped: false,
      invoice_reference: 'INV-1',
      shipping_from: { warehouse: { code: 'EAST' } },
      shipment_lines: [{ order_line_id: 'FULL-A-1', quantity: 1, package_reference: 'P1' }],
      tracking: { carrier_code: 'UPS', tracking_number: '1Z' },
    }
    const created = (await check('post', '/api/shipments', '/api/shipments', 201, {
      shipments: [
        shipment,
        { ...shipment, tracking: { carrier_name: 'Pigeon' }, shipping_from: undefined, shipped: true },
        { ...shipment, order_id: 'W-A' },
      ],
    })) as { shipment_success: { id: string }[] }
    expect(created.shipment_success).toHaveLength(2)
    const id = created.shipment_success[0]?.id
    await check('post', '/api/shipments/tracking', '/api/shipments/tracking', 200, {
      shipments: [
        { id, tracking: { carrier_name: 'Pigeon' } },
        { id: 'x', tracking: {} },
      ],
    })
    await check('put', '/api/shipments/ship', '/api/shipments/ship', 200, { shipments: [{ id }, { id: 'x' }] })
    await check('get', '/api/shipments?limit=1', '/api/shipments', 200)
    await check('get', '/api/shipments', '/api/shipments', 200)
  })

  it('OR13, OR14, OR15 and PC01', async () => {
    const range = { start_update_date: '2020-01-01T00:00:00Z', end_update_date: '2020-12-31T00:00:00.123Z' }
    const all = { start_update_date: new Date(Date.now() - 86_400_000).toISOString(), end_update_date: '2099-01-01T00:00:00Z' }
    await check('get', '/api/platform/configuration', '/api/platform/configuration', 200)
    await check('post', '/api/orders/async-export', '/api/orders/async-export', 400, all)
    await check('post', '/api/orders/async-export', '/api/orders/async-export', 400, { ...range, items_per_chunk: 9999 })
    const end_update_date = new Date(Date.now() + 86_400_000).toISOString()
    const begun = await check('post', '/api/orders/async-export', '/api/orders/async-export', 200, { ...all, end_update_date })
    const path = `/api/orders/async-export/status/${(begun as { tracking_id: string }).tracking_id}`
    const template = '/api/orders/async-export/status/{tracking_id}'
    expect(await check('get', path, template, 200)).toMatchObject({ status: 'PENDING' })
    sandbox.clock.advance(60_000)
    const done = (await check('get', path, template, 200)) as { status: string; urls: string[] }
    expect(done.status).toBe('COMPLETED')
    const file = new URL(done.urls[0] ?? '')
    const dynamic = '/dynamic-url/The+URL+is+retrieved+from+OR14+output/OR15'
    expect(await check('get', `${file.pathname}${file.search}`, dynamic, 200)).toMatchObject({ orders: expect.any(Array) })
    await check('get', '/api/orders/async-export/status/none', template, 404)
  })

  it('and a reply that is off does not hold', async () => {
    sandbox.act('mirakl', 'add-orders', [
      { order_id: 'OFF-A', wire: { price: 'ten', no_such_key: 1, order_lines: [{ quantity: '$absent' }] } },
    ])
    const reply = await fetch(`${sandbox.origins.mirakl}/api/orders?order_ids=OFF-A`, {
      headers: { authorization: 'sandbox-key' },
    })
    const json: unknown = await reply.json()
    const [vendor, own] = described('get', '/api/orders').map(({ replies }) => {
      const validate = replies.get('200')
      validate?.(json)
      return validate?.errors?.map((error) => error.keyword).toSorted()
    })
    expect(vendor).toEqual(['additionalProperties', 'required', 'type'])
    expect(own).toEqual(['required', 'type'])
  })

  it('error bodies', async () => {
    await check('get', '/api/orders', '/api/orders', 401, undefined, 'wrong')
    await check('get', '/api/orders?max=x', '/api/orders', 400)
    await check('put', '/api/orders/NONE-A/ship', '/api/orders/{order_id}/ship', 404)
    await check('put', '/api/orders/NUM-A/ship', '/api/orders/{order_id}/ship', 400)
    await check('put', '/api/orders/W-A/accept', '/api/orders/{order_id}/accept', 400, { order_lines: [] })
  })
})
