import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Exchange, judge } from '../contract/check.ts'
import { dscoOperations, MODELS_FOUND, type Operation, titleWithModels } from '../contract/models.ts'
import { type Client, iso, NOW, openDsco, parcel, SECOND } from './dsco-client.ts'

const ID = '90071992547410001'
const SHIPPED = '90071992547410002'

const RICH = [
  {
    id: ID,
    order_stream: true,
    total: '41.07',
    ship_by: '2026-11-24T00:00:00Z',
    acknowledge_by: '2026-11-22T00:00:00Z',
    service_level: 'UPCG',
    requested_service_level: 'UPCG',
    lines: [
      { sku: 'A', quantity: 4, tax: '1.07', retail_price: '12.00', upc: '012345678905', partner_sku: 'R-A' },
      { sku: 'B', quantity: 2, cancelled: 1, ean: '4006381333931' },
      { sku: 'C', rejected: 1, line_number: null, cost: null, price: null },
    ],
  },
  { id: SHIPPED, packages: [{ tracking: '1Z1', lines: { '1': 1 }, spans: true }], lines: [{ sku: 'A', quantity: 2 }] },
  { type: 'Marketplace', ship_to: { style: 'new', country: 'USA', type: 'Residential', email: 'buyer@example.com' } },
  { type: null, ship_to: { style: 'old', country: null, region: null, phone: null }, currency: null },
  { cancel_requested: 'BUYER', lifecycle: 'acknowledged' },
  { test: true },
  { lifecycle: 'received' },
  { lines: [{ cancelled: 1 }] },
]
const SHELF = [
  { sku: '00123', quantity: 7, cost: '4.10', upc: '012345678905' },
  { sku: 'TWO', warehouses: { W1: 1, W2: 2 } },
  { sku: 'GONE', ended: 'discontinued' },
]

describe.skipIf(!MODELS_FOUND)(titleWithModels('dsco: replies hold against the published model'), () => {
  let dsco: Client
  let operations: readonly Operation[]

  beforeAll(async () => {
    operations = dscoOperations()
    dsco = await openDsco({ orders: RICH, items: SHELF, limits: false })
  })

  afterAll(() => dsco?.sandbox.close())

  /** What the model has to say of the latest exchange, with its body changed where a test wants that. */
  function judged(change: Partial<Exchange> = {}) {
    const last = dsco.sandbox.journal().at(-1)
    if (last === undefined) throw new Error('nothing was asked')
    return judge({ dsco: operations }, { ...last, ...change })
  }

  async function holds(method: string, path: string, status: number, body?: unknown): Promise<ReturnType<typeof Object>> {
    const answer = await dsco.call(method, path, body)
    expect(answer.status, JSON.stringify(answer.body)).toBe(status)
    expect(judged().problems, `${method} ${path}`).toEqual([])
    return answer.body
  }

  const window = `ordersUpdatedSince=${iso(NOW - 86_400_000)}&until=${iso(NOW - 10 * SECOND)}`

  it('hello, and warehouses', async () => {
    await holds('GET', '/hello', 200)
    await holds('GET', '/warehouse/page', 200)
    await holds('GET', '/warehouse/page?idType=code&idValue=W2', 200)
    await holds('GET', '/warehouse/page?scrollId=none', 404)
  })

  it('orders of every kind, in pages and alone', async () => {
    const { orders, scrollId } = await holds('GET', `/order/page?${window}&includeTestOrders=true`, 200)
    expect(orders).toHaveLength(RICH.length)
    await holds('GET', `/order/page?scrollId=${scrollId}`, 200)
    await holds('GET', `/order/page?${window}&status=created&status=shipment_pending&ordersPerPage=10`, 200)
    for (const { dscoOrderId } of orders) await holds('GET', `/order/?orderKey=dscoOrderId&value=${dscoOrderId}`, 200)
    await holds('GET', '/order/?orderKey=dscoOrderId&value=1', 404)
    await holds('GET', `/order/page?until=${iso(NOW)}&ordersCreatedSince=${iso(NOW)}`, 400)
  })

  it('acknowledgements, packages, and the log of them', async () => {
    const acknowledged = await holds('POST', '/order/acknowledge', 202, [
      { id: ID, type: 'DSCO_ORDER_ID', supplierOrderNumber: 'S-1' },
      { id: 1, type: 'PO_NUMBER' },
    ])
    await holds('GET', `/order/log?requestId=${acknowledged.requestId}`, 200)
    dsco.pass(1_500)
    await holds('GET', `/order/log?requestId=${acknowledged.requestId}`, 200)
    const lines = [{ lineNumber: 1, sku: 'A', quantity: 1 }]
    const shipped = await holds('POST', '/order/shipment/batch/small', 202, [
      parcel(ID, '1Z2', lines, { shipCost: 4.2, shipWeight: 1.5, shipWeightUnits: 'LB', warehouseCode: 'W1' }),
      parcel('1', '1Z3', lines),
    ])
    dsco.pass(10 * SECOND)
    const { logs } = await holds('GET', `/order/log?requestId=${shipped.requestId}`, 200)
    expect(logs.map(({ status }: { status: string }) => status)).toEqual(['success', 'failure'])
    await holds('GET', `/order/log?startDate=${iso(NOW)}&endDate=${iso(NOW + 60_000)}&status=success_or_failure`, 200)
    await holds('GET', `/order/?orderKey=dscoOrderId&value=${ID}`, 200)
    await holds('GET', '/order/log', 400)
  })

  it('one package at once', async () => {
    await holds('POST', '/order/singleShipment', 201, parcel(ID, '1Z4', [{ lineNumber: 1, sku: 'A', quantity: 1 }]))
    await holds('POST', '/order/singleShipment', 400, parcel(ID, '1Z5', [{ lineNumber: 1, sku: 'A', quantity: 99 }]))
  })

  it('inventory, read and written in all ways', async () => {
    for (const sku of ['00123', 'TWO', 'GONE']) await holds('GET', `/inventory?itemKey=sku&value=${sku}`, 200)
    await holds('GET', '/inventory?itemKey=sku&value=none', 404)
    const seven = { sku: '00123', quantityAvailable: 7, status: 'in-stock', warehouses: [{ code: 'W1', quantity: 7 }] }
    const { requestId } = await holds('POST', '/inventory/batch/small', 202, [seven, { ...seven, sku: 'none' }])
    dsco.pass(10 * SECOND)
    await holds('GET', `/inventory/log?requestId=${requestId}`, 200)
    await holds('POST', '/inventory/singleItem', 201, seven)
    await holds('POST', '/inventory/singleItem', 400, { ...seven, quantityAvailable: 8 })
    await holds('POST', '/inventory/batch/large', 200)
  })

  it('streams, made, read, moved, changed and deleted', async () => {
    const query = { queryType: 'order', orderTypes: ['dropship', 'marketplace'], dscoLifecycle: ['created'] }
    const asked = { description: 'orders', objectType: 'order', numPartitions: 1, query, maxEvents: { objectCount: 2 } }
    const { id, partitions } = await holds('POST', '/stream', 201, asked)
    await holds('GET', '/stream', 200)
    await holds('GET', `/stream?id=${id}&partitionId=0`, 200)
    dsco.act('add-orders', [{}, { type: 'Marketplace' }])
    dsco.pass(10 * SECOND)
    const start = encodeURIComponent(partitions[0].position)
    const { events } = await holds('GET', `/stream/${id}/0/${start}`, 200)
    expect(events).toHaveLength(2)
    const last = encodeURIComponent(events[1].id)
    await holds('PUT', `/stream/${id}/0/${last}`, 200)
    await holds('GET', `/stream/${id}/0/${start}/${last}`, 200)
    await holds('POST', `/stream/${id}`, 202, { operationType: 'setpartitionowner', partitionId: 0, ownerId: 'isync' })
    await holds('GET', `/stream/${id}/0/${last}`, 200)
    await holds('PUT', `/stream/${id}`, 200, { ...asked, numPartitions: 2 })
    await holds('DELETE', `/stream/${id}`, 200)
    await holds('GET', `/stream/${id}/0/${last}`, 404)
  })

  it('tokens, given and refused, and calls that are turned away', async () => {
    const tokens = operations.find(({ template }) => template === '/api/v3/oauth2/token')
    // Bodies with credentials are not in the journal.
    async function complaintsAbout(fields: Record<string, string>, status: number): Promise<unknown> {
      const answer = await dsco.token(fields)
      expect(answer.status).toBe(status)
      const validate = tokens?.replies.get(String(status))
      validate?.(answer.body)
      return validate?.errors
    }
    expect(await complaintsAbout({}, 200)).toBeNull()
    expect(await complaintsAbout({ grant_type: 'password' }, 400)).toBeNull()
    expect(await complaintsAbout({ client_secret: 'wrong' }, 401)).toBeNull()
    await dsco.call('GET', '/hello', undefined, 'nonsense')
    expect(judged()).toEqual({ operation: 'GET /api/v3/hello', problems: [] })
    dsco.sandbox.seed('dsco', { limits: true })
    for (let i = 0; i < 12; i++) await dsco.call('GET', '/order/?orderKey=dscoOrderId&value=1')
    expect(dsco.sandbox.journal().at(-1)?.status).toBe(429)
    expect(judged().problems).toEqual([])
  })

  it('and a reply that is off does not hold', async () => {
    dsco.pass(SECOND)
    const { body } = await dsco.get(`/order/?orderKey=dscoOrderId&value=${ID}`)
    const problems = (change: object) => judged({ replyBody: JSON.stringify({ ...body, ...change }) }).problems
    expect(problems({})).toEqual([])
    expect(problems({ orderId: ID })).toHaveLength(1)
    expect(problems({ dscoOrderId: 1 })).toHaveLength(1)
    expect(problems({ dscoLifecycle: 'open' })).toHaveLength(1)
    expect(problems({ lineItems: [{ ...body.lineItems[0], quantity: '4' }] })).toHaveLength(1)
    expect(problems({ orderTotalAmount: '41.07' })).toHaveLength(1)
  })
})
