import { amazonCast, amazonOrders } from '../../src/sandbox/scenario/amazon-orders.ts'
import { miraklCast, miraklOrders } from '../../src/sandbox/scenario/mirakl-orders.ts'
import type { SandboxReply, Vendor } from '../../src/sandbox/stand-in.ts'
import type { Exchange } from './check.ts'
import { type HeardWorld, openHeardWorld } from './heard-world.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** Virtual milliseconds per real one while the program waits for a vendor's limit. */
const WAITING = 100

/** Two hundred orders of many kinds, and these, that each meet one trouble. */
const troubled = {
  amazon: { elsewhere: '112-0000000-0000001', cancelled: '112-0000000-0000002', refused: '112-0000000-0000003' },
  mirakl: { elsewhere: 'T-1-A', poison: 'T-2-A' },
} as const

/** An order that somebody typed in at ShipStation, shipped and deleted. */
const typedIn = {
  orderNumber: 'TYPED-1',
  orderKey: 'typed-1',
  orderDate: '2026-01-05T08:00:00.0000000',
  orderStatus: 'awaiting_shipment',
  billTo: { name: 'A. Buyer' },
  shipTo: { name: 'A. Buyer', street1: '1 Test Way', city: 'Austin', state: 'TX', postalCode: '78701', country: 'US' },
  items: [{ name: 'Thing', quantity: 1 }],
  advancedOptions: { storeId: 20002 },
}

interface ShipStationBooks {
  readonly orders: readonly {
    readonly order_id: number
    readonly order_number: string
    readonly status: string
    readonly deleted: boolean
  }[]
}

/** Vendors refuse, throttle and lock out, all by themselves: their own words for it are on the wire. */
export async function playABadDay(): Promise<readonly Exchange[]> {
  const world = await openHeardWorld()
  try {
    seed(world)
    await theMorning(world)
    await theWarehouse(world)
    await theLimits(world)
    await theLocks(world)
    return world.heard()
  } finally {
    await world.close()
  }
}

function seed({ sandbox, clock }: HeardWorld): void {
  const at = clock.now() - HOUR
  const when = { created_at: at, updated_at: at }
  const plain = Object.values(troubled.amazon).map((order_id) => ({ ...when, order_id }))
  sandbox.seed('amazon', { orders: [...amazonOrders(clock.now()), ...plain] })
  const waiting = Object.values(troubled.mirakl).map((order_id) => ({ ...when, order_id, state: 'SHIPPING' }))
  sandbox.seed('mirakl', {
    settings: { after_accept: 'WAITING_DEBIT_PAYMENT' },
    orders: [...miraklOrders(clock.now()), ...waiting],
  })
}

async function theMorning({ sandbox, clock, good }: HeardWorld): Promise<void> {
  // The answer to an acceptance is lost, and the next list is an old one: the order is accepted again, which is refused.
  sandbox.addFault({ vendor: 'mirakl', kind: 'cut-after', match: { path: '/accept$' } })
  await good('orders:pull')
  for (const id of amazonCast.paidLater) sandbox.act('amazon', 'set-status', { order_id: id, status: 'UNSHIPPED' })
  clock.advance(5 * MINUTE)
  sandbox.addFault({ vendor: 'mirakl', kind: 'repeat-page', match: { method: 'GET', path: '/api/orders$' } })
  await good('orders:pull')
  for (const id of [...miraklCast.toAccept, ...miraklCast.paidLater]) sandbox.act('mirakl', 'pay', { order_id: id })
  // An access token dies early.
  sandbox.act('amazon', 'expire-tokens')
  clock.advance(5 * MINUTE)
  await good('orders:pull')
  await good('orders:pull', '--order', '999-9999999-9999999', '--channel', 'amazon-us')
  // One order is refused by itself, one makes every batch fail that it is in, and an answer about a hundred is lost.
  sandbox.seed('shipstation', {
    reject: { [troubled.amazon.refused]: 'Nobody knows why.' },
    poison: `^${troubled.mirakl.poison}$`,
  })
  await good('orders:push-shipstation')
  sandbox.seed('shipstation', { reject: { [troubled.amazon.refused]: null }, poison: null })
}

async function theWarehouse({ sandbox, clock, good }: HeardWorld): Promise<void> {
  const { orders } = sandbox.books('shipstation') as ShipStationBooks
  const special = new Set<string>([...Object.values(troubled.amazon), ...Object.values(troubled.mirakl)])
  for (const [i, { order_id, order_number, status }] of orders.entries()) {
    if (status !== 'awaiting_shipment' || !(special.has(order_number) || i % 5 === 0)) continue
    const carrier_code = ['stamps_com', 'ups_walleted', 'fedex', 'ontrac', 'my_own_van'][i % 5]
    sandbox.act('shipstation', 'ship', { order_id, packages: [{ tracking: `1Z${order_id}`, carrier_code }] })
  }
  sandbox.seed('shipstation', { orders: [typedIn] })
  sandbox.act('shipstation', 'ship', { order_key: typedIn.orderKey, packages: [{ tracking: '1ZTYPED' }] })
  sandbox.act('shipstation', 'delete', { order_key: typedIn.orderKey })
  // Others were faster, and one buyer cancels at the last minute.
  sandbox.act('amazon', 'confirm-elsewhere', { order_id: troubled.amazon.elsewhere })
  sandbox.act('mirakl', 'confirm-elsewhere', { order_id: troubled.mirakl.elsewhere })
  sandbox.act('amazon', 'cancel', { order_id: troubled.amazon.cancelled })
  clock.advance(5 * MINUTE)
  await good('tracking:sync')
}

/** Another tool of the seller's uses up what the vendors allow. */
async function theLimits(world: HeardWorld): Promise<void> {
  const { sandbox, clock } = world
  const { orders } = sandbox.books('shipstation') as ShipStationBooks
  const next = orders.find(({ status, order_number }) => status === 'awaiting_shipment' && order_number.startsWith('11'))
  sandbox.act('shipstation', 'ship', { order_id: next?.order_id, packages: [{ tracking: '1ZLIMIT' }] })
  clock.advance(5 * MINUTE)

  const rare = { rate: 0.000_001, burst: 1 }
  sandbox.seed('amazon', { rate_limits: { searchOrders: rare, confirmShipment: rare } })
  sandbox.seed('mirakl', { rate_limits: { per_second: 0.000_001, burst: 1 } })
  useUpAmazon(world)
  ask(world, 'mirakl', 'GET /api/account', { authorization: 'sandbox-key' })
  await throttled(world, 'orders:pull', 'amazon', 'mirakl')
  await throttled(world, 'tracking:sync', 'amazon')

  sandbox.seed('shipstation', { rate_limit: 1 })
  const authorization = `Basic ${Buffer.from('sandbox-key:sandbox-secret').toString('base64')}`
  ask(world, 'shipstation', 'GET /stores', { authorization })
  await throttled(world, 'tracking:sync', 'shipstation')

  sandbox.seed('amazon', { rate_limits: 'off' })
  sandbox.seed('mirakl', { rate_limits: false })
  sandbox.seed('shipstation', { rate_limit: 0 })
  clock.advance(HOUR)
}

/** Lets virtual time run once these vendors have said that it is too much. */
async function throttled({ sandbox, clock, good }: HeardWorld, command: string, ...vendors: readonly Vendor[]): Promise<void> {
  const before = sandbox.journal().length
  const running = good(command)
  const isOver = running.then(() => true)
  const toldBy = (vendor: Vendor) =>
    sandbox.journal().some((entry) => entry.n > before && entry.vendor === vendor && entry.status === 429)
  while (!vendors.every(toldBy)) {
    if (await Promise.race([isOver, new Promise<false>((settle) => setTimeout(settle, 10, false))])) break
  }
  clock.setScale(WAITING)
  await running
  clock.setScale(1)
}

function useUpAmazon(world: HeardWorld): void {
  const grant = { grant_type: 'refresh_token', refresh_token: 'sandbox-refresh' }
  const login = new URLSearchParams({ ...grant, client_id: 'sandbox-client', client_secret: 'sandbox-secret' })
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const { body } = ask(world, 'amazon', 'POST /auth/o2/token', form, login.toString())
  const { access_token: token } = body as { readonly access_token: string }
  const headers = { 'x-amz-access-token': token, 'user-agent': 'another tool' }
  ask(world, 'amazon', 'GET /orders/2026-01-01/orders', headers)
  ask(world, 'amazon', 'POST /orders/v0/orders/999-9999999-9999999/shipmentConfirmation', headers)
}

/** Past the wire and its journal: this is not the program. */
function ask(
  { sandbox }: HeardWorld,
  vendor: Vendor,
  call: string,
  headers: Readonly<Record<string, string>>,
  body = '',
): SandboxReply {
  const [method = '', path = ''] = call.split(' ')
  return sandbox.standIn(vendor).handle({ method, path, query: new URLSearchParams(), headers, body: Buffer.from(body) })
}

async function theLocks({ sandbox, isync }: HeardWorld): Promise<void> {
  sandbox.act('amazon', 'revoke')
  sandbox.act('mirakl', 'revoke-key', { api_key: 'sandbox-key' })
  sandbox.seed('shipstation', { keys: [{ key: 'another', secret: 'another' }] })
  await isync(['doctor'])
  await isync(['orders:pull'])
  await isync(['tracking:sync'])
}
