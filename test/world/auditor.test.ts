import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts'
import { audit, stores } from './auditor.ts'

let sandbox: Sandbox

beforeEach(async () => {
  sandbox = await startSandbox({ portBase: 0 })
  sandbox.seed('amazon', {
    orders: [
      { order_id: '113-0000000-0000001', items: [{ order_item_id: '901', quantity: 3 }] },
      { order_id: '113-0000000-0000002', status: 'PENDING' },
      { order_id: '113-0000000-0000003', fulfilled_by: 'AMAZON' },
      { order_id: '113-0000000-0000004', status: 'CANCELLED' },
    ],
  })
  sandbox.seed('mirakl', {
    orders: [
      { order_id: 'M-1', lines: [{ order_line_id: 'M-1-1', quantity: 3 }] },
      { order_id: 'M-2', state: 'REFUSED' },
    ],
  })
})

afterEach(async () => {
  await sandbox.close()
})

describe('the auditor', () => {
  it('finds nothing where every order is there once and every package was told once', () => {
    pushed('113-0000000-0000001', stores.amazon, '901')
    pushed('M-1', stores.mirakl, 'M-1-1')
    ship('113-0000000-0000001', 'T1', '901', 1)
    ship('M-1', 'T2', 'M-1-1', 3)
    toldAmazon('T1', 1)
    toldMirakl('T2', 3)

    expect(audit(sandbox)).toEqual({
      channels: [
        { channel: 'amazon', seeded: 4, shippable: 1, inShipStation: 1, packages: 1, confirmed: 1, lost: [], doubled: [] },
        { channel: 'mirakl', seeded: 2, shippable: 1, inShipStation: 1, packages: 1, confirmed: 1, lost: [], doubled: [] },
      ],
      lost: [],
      doubled: [],
    })
  })

  it('finds a shippable order that is in no store, and one that is in the wrong one', () => {
    pushed('M-1', stores.amazon, 'M-1-1')

    expect(audit(sandbox).lost).toEqual(['amazon 113-0000000-0000001: not in ShipStation', 'mirakl M-1: not in ShipStation'])
  })

  it('finds an order that nobody has accepted', () => {
    sandbox.seed('mirakl', { orders: [{ order_id: 'M-3', state: 'WAITING_ACCEPTANCE' }] })

    expect(audit(sandbox).lost).toContain('mirakl M-3: not in ShipStation')
  })

  it('finds an order twice in its store, but takes no split for a double', () => {
    pushed('113-0000000-0000001', stores.amazon, '901')
    pushed('M-1', stores.mirakl, 'M-1-1')
    sandbox.act('shipstation', 'split', { order_number: 'M-1', items: [{ line_item_key: 'M-1-1', quantity: 1 }] })
    expect(audit(sandbox).doubled).toEqual([])

    pushed('113-0000000-0000001', stores.amazon, '901', 'another-key')
    expect(audit(sandbox).doubled).toEqual(['amazon 113-0000000-0000001: more than once in ShipStation'])
  })

  it('finds a package that the marketplace does not know, but not one that was voided', () => {
    pushed('113-0000000-0000001', stores.amazon, '901')
    pushed('M-1', stores.mirakl, 'M-1-1')
    ship('113-0000000-0000001', 'T1', '901', 1)
    ship('M-1', 'T2', 'M-1-1', 1)
    sandbox.act('shipstation', 'void', { tracking: 'T2' })

    expect(audit(sandbox).lost).toEqual(['amazon 113-0000000-0000001: package T1 not confirmed'])
  })

  it('finds the package of a split child under its parent’s number', () => {
    pushed('113-0000000-0000001', stores.amazon, '901')
    pushed('M-1', stores.mirakl, 'M-1-1')
    sandbox.act('shipstation', 'split', { order_number: 'M-1', items: [{ line_item_key: 'M-1-1', quantity: 1 }] })
    ship('M-1-1', 'T3', 'M-1-1', 1)

    expect(audit(sandbox).lost).toEqual(['mirakl M-1: package T3 not confirmed'])
  })

  it('finds an order that was marked as shipped and not confirmed', () => {
    pushed('113-0000000-0000001', stores.amazon, '901')
    pushed('M-1', stores.mirakl, 'M-1-1')
    sandbox.act('shipstation', 'mark-as-shipped', { order_number: 'M-1', tracking: 'T4', carrier_name: 'UPS' })

    expect(audit(sandbox).lost).toEqual(['mirakl M-1: package T4 not confirmed'])
  })

  it('finds a package that was told with other units than it holds', () => {
    pushed('113-0000000-0000001', stores.amazon, '901')
    pushed('M-1', stores.mirakl, 'M-1-1')
    ship('M-1', 'T2', 'M-1-1', 1)
    toldMirakl('T2', 2)

    expect(audit(sandbox).lost).toEqual(['mirakl M-1: package T2 confirmed with other units'])
  })

  it('finds a package that was told twice, however its number is written', () => {
    pushed('113-0000000-0000001', stores.amazon, '901')
    pushed('M-1', stores.mirakl, 'M-1-1')
    ship('M-1', 'T 2', 'M-1-1', 1)
    toldMirakl('T2', 1)
    toldMirakl('t2', 1)
    toldAmazon('T9', 1)
    toldAmazon('T9', 1)

    expect(audit(sandbox).doubled).toEqual([
      'amazon 113-0000000-0000001: package T9 confirmed more than once',
      'mirakl M-1: package T2 confirmed more than once',
    ])
  })
})

describe('the auditor, of eBay and Rithum,', () => {
  const ebay = '21-00001-00001'
  const dsco = '9007199255000001'
  const copy = '21000002'

  beforeEach(() => {
    sandbox.seed('ebay', {
      orders: [
        { order_id: ebay, lines: [{ item_id: '256000000001', transaction_id: '1', quantity: 3 }] },
        { order_id: '21-00001-00002', payment: 'UNPAID' },
        { order_id: '21-00001-00003', cancel: 'CancelComplete' },
      ],
    })
    sandbox.seed('dsco', {
      orders: [
        { id: dsco, lines: [{ quantity: 3 }] },
        { id: '9007199255000002', lifecycle: 'received' },
        { id: '9007199255000003', cancel_requested: true },
        { id: '9007199255000004', test: true },
      ],
    })
    sandbox.seed('channeladvisor', {
      orders: [
        { order_id: 21_000_001, lines: [{ line_id: 29_000_001, quantity: 3 }] },
        { order_id: Number(copy) },
        { order_id: 21_000_003, payment: 'Submitted' },
        { order_id: 21_000_004, shipping: 'Canceled' },
      ],
    })
  })

  function lines(market: string): readonly string[] {
    const { lost, doubled } = audit(sandbox, { copies: [copy] })
    return [...lost, ...doubled].filter((line) => line.startsWith(market))
  }

  it('finds orders that nobody has pushed, and none that nobody may', () => {
    expect(lines('ebay')).toEqual([`ebay ${ebay}: not in ShipStation`])
    expect(lines('dsco')).toEqual([`dsco ${dsco}: not in ShipStation`])
    expect(lines('channeladvisor')).toEqual(['channeladvisor 21000001: not in ShipStation'])
  })

  it('finds an order that was pushed and not acknowledged, acknowledged too soon, or twice', () => {
    sandbox.act('dsco', 'acknowledge', { order_id: dsco })
    expect(lines('dsco')).toContain(`dsco ${dsco}: acknowledged before ShipStation had it`)
    pushed(dsco, stores.dsco, '1')
    pushed('21000001', stores.channeladvisor, '29000001')
    expect(lines('channeladvisor')).toEqual(['channeladvisor 21000001: not acknowledged'])
    sandbox.act('dsco', 'acknowledge', { order_id: dsco })
    expect(lines('dsco')).toContain(`dsco ${dsco}: acknowledged more than once`)
  })

  it('finds a copy that was pushed', () => {
    pushed(copy, stores.channeladvisor, '29000002')
    expect(lines('channeladvisor')).toContain(`channeladvisor ${copy}: in ShipStation though it is a copy`)
  })

  it('finds packages that were not told, told with other units, and told twice', () => {
    pushed(ebay, stores.ebay, '256000000001-1')
    pushed(dsco, stores.dsco, '1')
    pushed('21000001', stores.channeladvisor, '29000001')
    ship(ebay, 'TE1', '256000000001-1', 1)
    ship(dsco, 'TD1', '1', 1)
    ship('21000001', 'TC1', '29000001', 1)
    expect(lines('ebay')).toEqual([`ebay ${ebay}: package TE1 not confirmed`])
    expect(lines('dsco')).toContain(`dsco ${dsco}: package TD1 not confirmed`)
    expect(lines('channeladvisor')).toContain('channeladvisor 21000001: package TC1 not confirmed')

    const twice = [
      { tracking: 'TD1', lines: { 1: 2 } },
      { tracking: 'TD1', lines: { 1: 2 } },
    ]
    sandbox.act('dsco', 'ship-elsewhere', { order_id: dsco, packages: twice })
    sandbox.act('channeladvisor', 'ship-elsewhere', {
      order_id: 21_000_001,
      fulfillments: [{ tracking: 'TC1', lines: { 1: 2 } }],
    })
    expect(lines('dsco')).toEqual(
      expect.arrayContaining([
        `dsco ${dsco}: package TD1 confirmed with other units`,
        `dsco ${dsco}: package TD1 confirmed more than once`,
        `dsco ${dsco}: 4 units of line 1 confirmed, 3 ordered`,
      ]),
    )
    expect(lines('channeladvisor')).toContain('channeladvisor 21000001: package TC1 confirmed with other units')
  })
})

function pushed(number: string, storeId: number, line: string, key = `isync:${number}`): void {
  const name = { name: 'Sample Buyer' }
  sandbox.seed('shipstation', {
    orders: [
      {
        orderNumber: number,
        orderKey: key,
        orderDate: '2026-01-01T00:00:00.0000000',
        orderStatus: 'awaiting_shipment',
        billTo: name,
        shipTo: name,
        items: [{ lineItemKey: line, name: 'Sample product', quantity: 3 }],
        advancedOptions: { storeId },
      },
    ],
  })
}

function ship(number: string, tracking: string, line: string, quantity: number): void {
  const packages = [{ tracking, items: [{ line_item_key: line, quantity }] }]
  sandbox.act('shipstation', 'ship', { order_number: number, packages })
}

function toldAmazon(tracking: string, quantity: number): void {
  const items = [{ order_item_id: '901', quantity }]
  sandbox.act('amazon', 'confirm-elsewhere', { order_id: '113-0000000-0000001', tracking, items })
}

function toldMirakl(tracking: string, quantity: number): void {
  const lines = [{ id: 'M-1-1', quantity }]
  sandbox.act('mirakl', 'confirm-elsewhere', {
    order_id: 'M-1',
    lines,
    tracking: { carrier_name: 'UPS', tracking_number: tracking },
  })
}
