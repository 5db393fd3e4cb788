import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { amazonCarrier } from '../../src/connectors/amazon/carriers.ts'
import { AuthError, PermanentError, RefusedByDryRun, RetryableError, ThrottledError } from '../../src/core/errors.ts'
import { carrierFamilies } from '../../src/core/model/shipment.ts'
import { type AmazonWorld, calls, confirmation, failureOf, ID, NOW, openAmazon, signal } from './amazon-world.ts'

const CONFIRM = /shipmentConfirmation$/
const GET_ORDER = /^\/orders\/2026-01-01\/orders\/./

let world: AmazonWorld

beforeEach(async () => {
  const items = [
    { order_item_id: 'A', sku: 'LAMP', quantity: 2 },
    { order_item_id: 'B', sku: 'MUG', quantity: 1 },
  ]
  world = await openAmazon({ orders: [{ order_id: ID, items }] })
})
afterEach(() => world.sandbox.close())

const whole = [
  { externalLineId: 'A', quantity: 2 },
  { externalLineId: 'B', quantity: 1 },
]
const confirm = (change = {}, connector = world.connector) => connector.confirmShipments([confirmation(change)], signal)
const fault = (kind: 'status' | 'status-after' | 'cut-after' | 'timeout' | 'throttle' | 'cut', more: object = {}) =>
  world.sandbox.addFault({ vendor: 'amazon', kind, match: { path: CONFIRM.source }, ...more })

interface BookedOrder {
  readonly order_id: string
  readonly status: string
  readonly packages: readonly Readonly<Record<string, unknown>>[]
}

function booked(): BookedOrder {
  const { orders } = world.sandbox.books('amazon') as { orders: readonly BookedOrder[] }
  return orders.find((order) => order.order_id === ID)!
}

describe('a confirmation at Amazon', () => {
  it('says package, carrier, service, day, lines and quantities', async () => {
    expect(await confirm()).toEqual([{ status: 'accepted' }])

    expect(calls(world.sandbox, CONFIRM).map((entry) => [entry.method, entry.path, JSON.parse(entry.requestBody)])).toEqual([
      [
        'POST',
        `/orders/v0/orders/${ID}/shipmentConfirmation`,
        {
          marketplaceId: 'ATVPDKIKX0DER',
          packageDetail: {
            packageReferenceId: '4711',
            carrierCode: 'UPS',
            shippingMethod: 'UPS Ground',
            trackingNumber: '1Z999AA10123456784',
            shipDate: '2026-11-21T14:00:00Z',
            orderItems: [{ orderItemId: 'A', quantity: 2 }],
          },
        },
      ],
    ])
    expect(booked()).toMatchObject({ status: 'PARTIALLY_SHIPPED', packages: [{ reference_id: '4711', carrier: 'UPS' }] })
  })

  it('repeated is accepted and adds no package', async () => {
    await confirm()
    expect(await confirm({}, world.again().connector)).toEqual([{ status: 'accepted' }])

    expect(booked().packages).toMatchObject([{ reference_id: '4711', confirm_calls: 2 }])
  })

  it('of a second package ships the rest', async () => {
    await confirm()
    await confirm({ reference: 4712, trackingNumber: '1Z999AA10123456785', lines: [{ externalLineId: 'B', quantity: 1 }] })

    expect(booked()).toMatchObject({ status: 'SHIPPED', packages: [{ reference_id: '4711' }, { reference_id: '4712' }] })
  })

  it('goes to the first marketplace of the settings when the order names none', async () => {
    const { marketplaceId: _, ...unplaced } = confirmation()

    expect(await world.connector.confirmShipments([unplaced], signal)).toEqual([{ status: 'accepted' }])
  })

  it('of an unknown carrier goes as Other with its name, and says so', async () => {
    const outcome = await confirm({ carrier: { code: 'turtle_post', name: 'Turtle Post', family: 'other' } })

    expect(outcome).toEqual([{ status: 'accepted', note: 'carrier sent as Other (Turtle Post)' }])
    expect(booked().packages).toMatchObject([{ carrier: 'Other', carrier_name: 'Turtle Post' }])
  })

  it('never says that a parcel left in the future', async () => {
    await confirm({ shippedAt: NOW + 86_400_000 })

    expect(booked().packages).toMatchObject([{ shipped_at: '2026-11-21T15:00:00.000Z' }])
  })

  it('is planned, not sent, in a dry run', async () => {
    const { connector, planned } = world.again({}, { dryRun: true })

    expect(await failureOf(confirm({ lines: whole }, connector))).toBeInstanceOf(RefusedByDryRun)

    expect(planned).toEqual([
      { account: 'amazon-us', operation: 'confirmShipment', target: ID, detail: 'UPS 1Z999AA10123456784, 2 x A, 1 x B' },
    ])
    expect(calls(world.sandbox, CONFIRM)).toEqual([])
  })

  it.each([
    ['without a tracking number', { trackingNumber: ' ' }, 'tracking number'],
    ['without lines', { lines: [] }, 'no line'],
  ])('%s fails without a call', async (_, change, why) => {
    const [outcome] = await confirm(change)

    expect(outcome).toMatchObject({ status: 'failed', error: { kind: 'permanent', message: expect.stringContaining(why) } })
    expect(calls(world.sandbox, CONFIRM)).toEqual([])
  })
})

describe('a confirmation that Amazon refuses', () => {
  it('is accepted when the same tracking number is there already', async () => {
    world.sandbox.act('amazon', 'confirm-elsewhere', { order_id: ID, tracking: '1z999aa1 0123456784' })

    expect(await confirm({ lines: whole })).toEqual([{ status: 'accepted', note: 'already confirmed' }])
  })

  it('is a conflict when another tool has confirmed another package', async () => {
    world.sandbox.act('amazon', 'confirm-elsewhere', { order_id: ID, tracking: 'OTHER-1' })

    const [outcome] = await confirm({ lines: whole })

    expect(outcome).toMatchObject({ status: 'failed', error: { kind: 'permanent', status: 400 } })
    expect(outcome).toMatchObject({
      error: { message: expect.stringContaining('conflict: another tool has confirmed this order (1 other') },
    })
  })

  it('cannot be settled on Orders v0, and says where to look', async () => {
    world.sandbox.act('amazon', 'confirm-elsewhere', { order_id: ID, tracking: '1Z999AA10123456784' })

    const [outcome] = await confirm({ lines: whole }, world.again({ ordersApi: 'v0' }).connector)

    expect(outcome).toMatchObject({ status: 'failed', error: { message: expect.stringContaining('Seller Central') } })
  })

  it('says that the order is cancelled', async () => {
    world.sandbox.act('amazon', 'cancel', { order_id: ID })

    expect(await confirm()).toMatchObject([
      { status: 'failed', error: { kind: 'permanent', message: expect.stringMatching(/is cancelled at Amazon$/) } },
    ])
  })

  it.each([
    ['an unknown line', { lines: [{ externalLineId: 'Z', quantity: 1 }] }, 'OrderItemId is invalid'],
    ['too many units', { lines: [{ externalLineId: 'A', quantity: 3 }] }, 'greater than what is left'],
    ['a foreign marketplace', { marketplaceId: 'A1F83G8C2ARO7P' }, 'marketplaceId is not'],
    ['an order id of another form', { externalOrderId: '7' }, 'OrderItemId is invalid'],
    ['an unknown order', { externalOrderId: '111-0000000-0000404' }, '404'],
  ])("for %s fails for good, in Amazon's words", async (_, change, words) => {
    const [outcome] = await confirm(change)

    expect(outcome).toMatchObject({ status: 'failed', error: { kind: 'permanent', message: expect.stringContaining(words) } })
  })

  it('for FBM Ship+ fails for good', async () => {
    world.sandbox.seed('amazon', {
      orders: [{ order_id: '111-0000000-0000005', programs: ['FBM_SHIP_PLUS'], items: [{ order_item_id: 'A' }] }],
    })

    expect(await confirm({ externalOrderId: '111-0000000-0000005' })).toMatchObject([
      { status: 'failed', error: { kind: 'permanent' } },
    ])
  })
})

describe('a confirmation whose call fails', () => {
  it.each([
    ['500 before', () => fault('status', { status: 500 }), false],
    ['500 after', () => fault('status-after', { status: 500 }), true],
    ['cut before', () => fault('cut'), false],
    ['cut after', () => fault('cut-after'), true],
    ['no answer', () => fault('timeout'), false],
  ])('(%s) has an unknown outcome that a look-up settles', async (_, spoil, arrived) => {
    spoil()
    const { connector } = world.again({ timeoutMs: 400 })

    const error = await failureOf(confirm({}, connector))

    expect(error).toBeInstanceOf(RetryableError)
    expect(error).toMatchObject({ outcomeUnknown: true })
    expect(await connector.lookUpConfirmations([confirmation()], signal)).toEqual([arrived ? 'confirmed' : 'absent'])
    expect(await confirm({}, connector)).toEqual([{ status: 'accepted' }])
    expect(booked().packages).toHaveLength(1)
  })

  it.each(['html', 'html-after'] as const)(
    'has an unknown outcome when a web page answers with status 200 (%s)',
    async (kind) => {
      world.sandbox.addFault({ vendor: 'amazon', kind, match: { path: CONFIRM.source } })

      const error = await failureOf(confirm())

      expect(error).toBeInstanceOf(RetryableError)
      expect(error).toMatchObject({ outcomeUnknown: true, status: 200 })
    },
  )

  it('is throttled without a definite outcome', async () => {
    fault('throttle', { body: { errors: [{ code: 'QuotaExceeded', message: 'You exceeded your quota.' }] } })

    const error = await failureOf(confirm())

    expect(error).toBeInstanceOf(ThrottledError)
    expect(error).toMatchObject({ waitMs: 500 })
  })

  it('keeps what is definite when a later one breaks', async () => {
    fault('status', { after: 1, status: 503 })
    const batch = [confirmation(), confirmation({ reference: 2, trackingNumber: 'T-2' }), confirmation({ reference: 3 })]

    const outcomes = await world.connector.confirmShipments(batch, signal)

    expect(outcomes.map((outcome) => outcome.status)).toEqual(['accepted', 'failed', 'failed'])
    expect(outcomes[1]).toMatchObject({ error: { kind: 'retryable', outcomeUnknown: true } })
    expect(calls(world.sandbox, CONFIRM)).toHaveLength(2)
  })

  it('closes the account when credentials are refused', async () => {
    world.sandbox.act('amazon', 'revoke')

    expect(await failureOf(confirm())).toBeInstanceOf(AuthError)
    expect(world.account.opened).toHaveLength(1)
  })
})

describe('a look-up', () => {
  it('reads each order once', async () => {
    await confirm()
    const batch = [
      confirmation(),
      confirmation({ trackingNumber: '1z999aa10123456784 ' }),
      confirmation({ trackingNumber: 'T-2' }),
    ]

    expect(await world.connector.lookUpConfirmations(batch, signal)).toEqual(['confirmed', 'confirmed', 'absent'])
    expect(calls(world.sandbox, GET_ORDER)).toHaveLength(1)
  })

  it('cannot tell of an order that Amazon does not show', async () => {
    expect(await world.connector.lookUpConfirmations([confirmation({ externalOrderId: '111-0000000-0000404' })], signal)).toEqual(
      ['unknowable'],
    )
  })

  it('cannot tell on Orders v0', async () => {
    expect(await world.again({ ordersApi: 'v0' }).connector.lookUpConfirmations([confirmation()], signal)).toEqual(['unknowable'])
  })

  it('passes errors of the call on', async () => {
    world.sandbox.addFault({ vendor: 'amazon', kind: 'status', status: 400, match: { path: GET_ORDER.source } })

    expect(await failureOf(world.connector.lookUpConfirmations([confirmation()], signal))).toBeInstanceOf(PermanentError)
  })
})

describe('a carrier', () => {
  it.each([
    ['usps', 'USPS'],
    ['ups', 'UPS'],
    ['ups_mail_innovations', 'UPSMI'],
    ['fedex', 'FedEx'],
    ['fedex_smartpost', 'FedEx SmartPost'],
    ['dhl_express', 'DHL'],
    ['dhl_ecommerce', 'DHL eCommerce'],
    ['ontrac', 'OnTrac'],
    ['lasership', 'Lasership'],
    ['amazon_shipping', 'Amazon Shipping'],
    ['royal_mail', 'Royal Mail'],
    ['canada_post', 'Canada Post'],
    ['purolator', 'Purolator'],
    ['australia_post', 'Australia Post'],
    ['dpd', 'DPD'],
  ] as const)('of the family %s is %s', (family, carrierCode) => {
    expect(amazonCarrier({ code: 'x', name: 'X', family }, {})).toEqual({ carrierCode })
  })

  it.each(['asendia', 'sendle', 'seko', 'globalpost', 'apc', 'other'] as const)(
    'of the family %s is Other with its name',
    (family) => {
      expect(amazonCarrier({ code: 'x', name: 'Long Name', family }, {})).toEqual({
        carrierCode: 'Other',
        carrierName: 'Long Name',
      })
    },
  )

  it('of any family has a code or a name', () => {
    for (const family of carrierFamilies) {
      const { carrierCode, carrierName } = amazonCarrier({ code: '', name: '', family }, {})
      expect(carrierCode === 'Other').toBe(carrierName !== undefined)
    }
  })

  it("is what the operator's table says, in any case", () => {
    const carrier = { code: 'UPS_Walleted', name: 'UPS', family: 'ups' } as const

    expect(amazonCarrier(carrier, { ups_walleted: 'Newgistics' })).toEqual({ carrierCode: 'Newgistics' })
    expect(amazonCarrier(carrier, { ups_walleted: 'Other' })).toEqual({ carrierCode: 'Other', carrierName: 'UPS' })
  })
})
