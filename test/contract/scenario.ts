import type { World, WorldOptions } from '../world/loop.ts'
import type { Exchange } from './check.ts'
import { type HeardWorld, openHeardWorld } from './heard-world.ts'

const MINUTE = 60_000

const amazonOrders = [
  {
    order_id: '111-0000000-0000001',
    items: [{ order_item_id: '1001', quantity: 3, unit_price: '12.34', tax: '2.20', discount: '1.00' }],
  },
  {
    order_id: '111-0000000-0000002',
    programs: ['PRIME', 'AMAZON_BUSINESS'],
    seller_order_id: 'S-2',
    notes: { instruction: 'Ring twice', drop_off: 'Front desk' },
    buyer: { company: 'Sample Company', purchase_order: 'PO-1' },
    ship_to: { company: 'Sample Company', line2: 'Floor 2', line3: 'Door 3', type: 'PICKUP_POINT' },
    items: [
      { order_item_id: '2001', quantity: 2, shipping: '3.00', gift: { message: 'Enjoy', wrap: 'CLASSIC', price: '4.00' } },
      { order_item_id: '2002', programs: ['TRANSPARENCY'], customized_url: 'https://custom.example.com/1', promotion_id: 'P-1' },
    ],
  },
  { order_id: '111-0000000-0000003', status: 'PENDING', ship_to: null },
  { order_id: '111-0000000-0000004', status: 'CANCELLED' },
  { order_id: '111-0000000-0000005', fulfilled_by: 'AMAZON' },
  { order_id: '111-0000000-0000006', status: 'PARTIALLY_SHIPPED', items: [{ quantity: 2 }] },
  { order_id: '111-0000000-0000007', items: [{ cancel_requested: true }] },
  { order_id: '111-0000000-0000008', items: [{ quantity: 2, cancelled: 1 }] },
  { order_id: '111-0000000-0000009', items: [{ order_item_id: '9001' }] },
  { order_id: '111-0000000-0000010', items: [{ order_item_id: '10001' }] },
  { order_id: '111-0000000-0000011', items: [{ order_item_id: '11001' }], replaces: '111-0000000-0000001' },
  { order_id: '111-0000000-0000012', items: [{ order_item_id: '12001' }] },
]

const miraklOrders = [
  { order_id: 'W-A', state: 'WAITING_ACCEPTANCE' },
  { order_id: 'D-A', state: 'WAITING_DEBIT_PAYMENT' },
  {
    order_id: 'S-A',
    state: 'SHIPPING',
    shipping_type_standard_code: 'STD',
    additional_fields: [{ code: 'gift', type: 'BOOLEAN', value: 'true' }],
    ship_to: { company: 'Example Co', street_2: 'Unit 5', additional_info: 'Ring twice', state: null },
    lines: [
      {
        quantity: 4,
        price_unit: '12.34',
        shipping_price: '1.50',
        canceled_quantity: 1,
        taxes: [{ code: 'TAX', amount: '1.23', rate: '8.875' }],
      },
      { quantity: 1 },
      { state: 'CANCELED' },
    ],
  },
  { order_id: 'T-A', state: 'SHIPPING' },
  { order_id: 'E-A', state: 'SHIPPING' },
  { order_id: 'R-A', state: 'RECEIVED', tracking: { carrier_code: 'UPS', carrier_name: 'UPS', tracking_number: '1ZOLD' } },
  { order_id: 'C-A', state: 'CANCELED' },
]

async function openWorld(options: WorldOptions, mirakl: object): Promise<HeardWorld> {
  const world = await openHeardWorld(options)
  const at = world.clock.now() - 60 * MINUTE
  world.sandbox.seed('amazon', { orders: amazonOrders.map((order) => ({ created_at: at, ...order })) })
  world.sandbox.seed('mirakl', { ...mirakl, orders: miraklOrders.map((order) => ({ created_at: at, ...order })) })
  return world
}

const amazonKey = (n: number) => `isync:amazon-us:111-0000000-${String(n).padStart(7, '0')}`
const macysKey = (id: string) => `isync:mirakl-macys:${id}`

/** The whole loop with everything that may happen on the way. Returns what went over the wire. */
export async function playEverything(): Promise<readonly Exchange[]> {
  const world = await openWorld({}, { settings: { partial_acceptance: false } })
  const { sandbox, clock, good, heard } = world
  try {
    await good('doctor')
    await good('orders:pull')
    clock.advance(MINUTE)
    sandbox.act('mirakl', 'pay', { order_id: 'D-A' })
    const shipTo = { name: 'A. Buyer', line1: '3 Late Road', city: 'Sampleville', state: 'IL', postal: '60601', country: 'US' }
    sandbox.act('amazon', 'change-address', { order_id: '111-0000000-0000003', ship_to: shipTo })
    sandbox.act('amazon', 'set-status', { order_id: '111-0000000-0000003', status: 'UNSHIPPED' })
    clock.advance(15 * MINUTE)
    // One answer lost, then a server error, at each kind of call.
    sandbox.addFault({
      vendor: 'amazon',
      kind: 'throttle',
      match: { path: '/orders/2026-01-01/orders$' },
      headers: { 'retry-after': '1' },
    })
    sandbox.addFault({ vendor: 'mirakl', kind: 'status', status: 503, match: { path: '/api/orders$' } })
    await good('orders:pull')
    clock.advance(10 * MINUTE)
    await good('orders:pull')
    sandbox.addFault({ vendor: 'shipstation', kind: 'cut-after', match: { path: 'createorders' } })
    await good('orders:push-shipstation')
    clock.advance(5 * MINUTE)
    await good('retry')
    await good('reconcile', '--dry-run')

    sandbox.act('amazon', 'change-address', { order_id: '111-0000000-0000009', ship_to: { line1: '1 New Street' } })
    sandbox.act('amazon', 'cancel', { order_id: '111-0000000-0000010' })
    sandbox.act('mirakl', 'cancel', { order_id: 'T-A' })
    clock.advance(15 * MINUTE)
    await good('orders:pull')
    await good('orders:pull', '--order', '111-0000000-0000009', '--channel', 'amazon-us')
    await good('orders:pull', '--order', 'S-A', '--channel', 'mirakl-macys')
    sandbox.addFault({ vendor: 'shipstation', kind: 'status', status: 500, match: { path: 'createorders' } })
    await good('orders:push-shipstation')
    clock.advance(5 * MINUTE)
    await good('retry')
    await lateOrder(world)

    ship(world)
    sandbox.addFault({ vendor: 'mirakl', kind: 'cut-after', match: { path: '/api/shipments$', method: 'POST' } })
    sandbox.addFault({ vendor: 'amazon', kind: 'cut-after', match: { path: 'shipmentConfirmation' } })
    await good('tracking:sync')
    clock.advance(10 * MINUTE)
    sandbox.act('shipstation', 'mark-as-shipped', {
      order_key: macysKey('L-A'),
      carrier_name: 'UPS',
      tracking: '1Z00000000000000L1',
    })
    sandbox.act('shipstation', 'void', { tracking: '9400000000000000000091' })
    await good('tracking:sync')
    clock.advance(10 * MINUTE)
    await good('retry')
    await good('orders:pull')
    return heard()
  } finally {
    await world.close()
  }
}

/** An order alone whose answer is lost: it is looked up by its number. */
async function lateOrder({ sandbox, clock, good }: HeardWorld): Promise<void> {
  sandbox.act('mirakl', 'add-orders', [{ order_id: 'L-A', state: 'SHIPPING' }])
  clock.advance(5 * MINUTE)
  await good('orders:pull')
  sandbox.addFault({ vendor: 'shipstation', kind: 'cut-after', match: { path: 'createorders' } })
  await good('orders:push-shipstation')
  clock.advance(5 * MINUTE)
  await good('retry')
}

/** Two packages, a part only, a split, a merge, a mark without a label, labels nobody needs. */
function ship({ sandbox }: World): void {
  const act = (action: string, argument: object) => sandbox.act('shipstation', action, argument)
  const first = { line_item_key: '1001', quantity: 1 }
  act('ship', { order_key: amazonKey(1), packages: [{ tracking: '9400000000000000000011', items: [first] }] })
  act('ship', {
    order_key: amazonKey(2),
    packages: [
      {
        tracking: '1Z0000000000000021',
        carrier_code: 'ups',
        service_code: 'ups_ground',
        items: [{ line_item_key: '2001', quantity: 2 }],
      },
      {
        tracking: '1Z0000000000000022',
        carrier_code: 'ups',
        service_code: 'ups_ground',
        items: [{ line_item_key: '2002', quantity: 1 }],
      },
    ],
  })
  act('merge', { into_order_key: amazonKey(11), order_keys: [amazonKey(12)] })
  act('ship', { order_key: amazonKey(11), packages: [{ tracking: '9400000000000000000112', items: null }] })
  act('ship', { order_key: amazonKey(9), packages: [{ tracking: '9400000000000000000091' }] })
  act('mark-as-shipped', { order_key: amazonKey(3), carrier_name: 'Pigeon Post', tracking: 'PIGEON-3' })
  act('split', { order_key: macysKey('S-A'), items: [{ line_item_key: 'S-A-2', quantity: 1 }] })
  act('ship', { order_number: 'S-A-1', packages: [{ tracking: '961200000000021', carrier_code: 'fedex' }] })
  act('ship', { order_key: macysKey('W-A'), packages: [{ tracking: 'ODD-1', carrier_code: 'my_own_van' }] })
  act('ship', {
    order_key: macysKey('D-A'),
    packages: [{ tracking: '1Z00000000000000D1', carrier_code: 'ups', is_return: true }],
  })
  act('label-without-order', { tracking: '9400000000000000000990' })
}

/** Amazon by its older API, Mirakl without multi-shipment. */
export async function playTheOldWay(): Promise<readonly Exchange[]> {
  const world = await openWorld({ config: { amazon: 'orders_api: v0' } }, { settings: { multi_shipment: false } })
  const { sandbox, clock, good, heard } = world
  try {
    await good('doctor')
    await good('orders:pull')
    clock.advance(MINUTE)
    await good('orders:pull', '--order', '111-0000000-0000001', '--channel', 'amazon-us')
    await good('reconcile', '--dry-run')
    await good('orders:push-shipstation')
    const act = (action: string, argument: object) => sandbox.act('shipstation', action, argument)
    act('ship', { order_key: amazonKey(1), packages: [{ tracking: '9400000000000000000011' }] })
    act('ship', { order_key: macysKey('S-A'), packages: [{ tracking: '1Z00000000000000S1', carrier_code: 'ups' }] })
    act('ship', { order_key: macysKey('T-A'), packages: [{ tracking: 'ODD-1', carrier_code: 'my_own_van' }] })
    // Somebody in the marketplace's back office is faster.
    act('ship', { order_key: macysKey('E-A'), packages: [{ tracking: '1Z00000000000000E1', carrier_code: 'ups' }] })
    sandbox.act('mirakl', 'confirm-elsewhere', { order_id: 'E-A' })
    // Packages are told in no certain order; were E-A's answer the lost one, nobody would read its refusal.
    sandbox.addFault({ vendor: 'mirakl', kind: 'cut-after', match: { path: '/orders/S-A/ship$' } })
    await good('tracking:sync')
    clock.advance(10 * MINUTE)
    await good('tracking:sync')
    clock.advance(10 * MINUTE)
    // The access token dies early; then the app loses its role.
    sandbox.act('amazon', 'expire-tokens')
    await good('orders:pull')
    sandbox.seed('amazon', { roles: { pii: false } })
    await good('orders:pull')
    return heard()
  } finally {
    await world.close()
  }
}
