import type { ChannelDay, DailyReport, Latency } from '../../../src/core/reports/daily.ts'
import { DAY, HOUR, MINUTE, SECOND } from '../../world/a-clock.ts'

function latency(count: number, p50: number, p95: number, longest: number): Latency {
  return { count, p50_ms: p50, p95_ms: p95, longest_ms: longest }
}

export function aChannelDay(channel: string, change: Partial<ChannelDay> = {}): ChannelDay {
  return {
    channel,
    ...{ orders_in: 0, not_in_shipstation: 0, cancelled: 0, unreadable: 0, pushed: 0, confirmed: 0, published: 0 },
    steps: { placed_to_seen: null, ready_to_shipstation: null, shipped_to_confirmed: null, stock_to_published: null },
    ...change,
  }
}

/** A day on which nothing happened. */
export function aQuietDay(change: Partial<DailyReport> = {}): DailyReport {
  return {
    schema_version: 1,
    day: '2026-11-21',
    time_zone: 'Europe/Berlin',
    from: '2026-11-20T23:00:00.000Z',
    to: '2026-11-21T23:00:00.000Z',
    hours: 24,
    whole: true,
    at: '2026-11-22T05:30:00.000Z',
    ok: true,
    all: aChannelDay(''),
    channels: [aChannelDay('amazon-us'), aChannelDay('mirakl-macys')],
    by_hour: Array.from({ length: 24 }, (_, hour) => ({ hour: `${String(hour).padStart(2, '0')}:00`, orders_in: 0 })),
    failures: [],
    runs: [],
    findings: [],
    alerts: { opened: 0, resolved: 0, open: [] },
    stock: null,
    calls: [],
    quotas: [],
    not_told: ['When a number changed at Zoho itself'],
    ...change,
  }
}

/** A day with everything in it. */
export function aBusyDay(): DailyReport {
  const amazon = aChannelDay('amazon-us', {
    ...{ orders_in: 1840, not_in_shipstation: 2, cancelled: 31, unreadable: 1, pushed: 1811, confirmed: 1702, published: 5210 },
    steps: {
      placed_to_seen: latency(1840, 6 * MINUTE, 11 * MINUTE, 42 * MINUTE),
      ready_to_shipstation: latency(1811, 3 * MINUTE + 12 * SECOND, 6 * MINUTE, 2 * HOUR),
      shipped_to_confirmed: latency(1702, 2 * MINUTE + 40 * SECOND, 4 * MINUTE + 55 * SECOND, 18 * MINUTE),
      stock_to_published: latency(4980, 41 * SECOND, 3 * MINUTE, 4 * HOUR),
    },
  })
  const ebay = aChannelDay('ebay-main', {
    ...{ orders_in: 412, cancelled: 6, pushed: 409, confirmed: 377, published: 1630 },
    steps: {
      placed_to_seen: latency(412, 5 * MINUTE, 10 * MINUTE, 12 * MINUTE),
      ready_to_shipstation: latency(409, 3 * MINUTE, 5 * MINUTE + 30 * SECOND, 7 * MINUTE),
      shipped_to_confirmed: latency(377, 2 * MINUTE, 4 * MINUTE, 9 * MINUTE),
      stock_to_published: latency(1600, 8 * MINUTE, 31 * MINUTE, DAY + 2 * HOUR),
    },
  })
  const mirakl = aChannelDay('mirakl-macys', {
    ...{ orders_in: 96, pushed: 96, confirmed: 88, published: 12 },
    steps: {
      placed_to_seen: latency(96, 4 * MINUTE, 9 * MINUTE, 9 * MINUTE + 58 * SECOND),
      ready_to_shipstation: latency(96, 2 * MINUTE, 5 * MINUTE, 5 * MINUTE),
      shipped_to_confirmed: latency(88, MINUTE, 3 * MINUTE, 4 * MINUTE),
      stock_to_published: null,
    },
  })
  const quiet = aChannelDay('rithum-acme')
  const all = aChannelDay('', {
    ...{ orders_in: 2348, not_in_shipstation: 2, cancelled: 37, unreadable: 1, pushed: 2316, confirmed: 2167, published: 6852 },
    steps: {
      placed_to_seen: latency(2348, 6 * MINUTE, 11 * MINUTE, 42 * MINUTE),
      ready_to_shipstation: latency(2316, 3 * MINUTE, 6 * MINUTE, 2 * HOUR),
      shipped_to_confirmed: latency(2167, 2 * MINUTE, 4 * MINUTE + 30 * SECOND, 18 * MINUTE),
      stock_to_published: latency(6580, 50 * SECOND, 17 * MINUTE, DAY + 2 * HOUR),
    },
  })
  const perHour = [12, 8, 4, 2, 3, 9, 31, 77, 102, 120, 133, 141, 150, 138, 129, 122, 118, 140, 171, 203, 214, 176, 98, 47]
  return aQuietDay({
    ok: false,
    all,
    channels: [amazon, ebay, mirakl, quiet],
    by_hour: perHour.map((orders, hour) => ({ hour: `${String(hour).padStart(2, '0')}:00`, orders_in: orders })),
    failures: [
      {
        ...{ kind: 'push', channel: 'amazon-us', tries: 9, items: 4, given_up: 1 },
        next: 'isync retry --dead --kind push --channel amazon-us',
      },
      { kind: 'confirm', channel: 'ebay-main', tries: 3, items: 3, given_up: 0, next: '' },
    ],
    runs: [
      { command: 'orders:pull', runs: 144, done: 140, partly: 2, vendor_down: 2, held: 0, failed: 0, no_end: 0 },
      { command: 'inventory:full', runs: 24, done: 22, partly: 0, vendor_down: 0, held: 1, failed: 0, no_end: 1 },
    ],
    findings: [{ kind: 'unconfirmed', channel: 'ebay-main', count: 3, oldest_age_s: 7300 }],
    alerts: {
      ...{ opened: 3, resolved: 2 },
      open: [
        {
          ...{ rule: 'auth', channel: 'rithum-acme', severity: 'critical', since: '2026-11-21T14:02:00.000Z' },
          ...{ message: 'the credentials were refused: 401 invalid_client', next: 'isync doctor --channel rithum-acme' },
        },
      ],
    },
    stock: {
      ...{ skus: 12_430, over: 8_112, over_on_one: 3, sold_out: 214, low: 97, low_stock_threshold: 1 },
      most_over: [
        { sku: 'MUG-BLU-12', left: 940, shown: 3722, channels: 4, most_on_one: 939, over: 2782 },
        { sku: 'LAMP-STD-1', left: 310, shown: 1236, channels: 4, most_on_one: 309, over: 926 },
      ],
      low_on_show: [{ sku: 'SOAP-<b>&-7', left: 0, shown: 2, channels: 1, most_on_one: 2, over: 2 }],
    },
    calls: [
      {
        account: 'amazon-us',
        calls: 2410,
        operations: { searchOrders: 1440, patchListingsItem: 612, confirmShipment: 340, getFeed: 12, createFeed: 6 },
      },
      { account: 'zoho', calls: 2310, operations: { items: 1500, itemdetails: 810 } },
    ],
    quotas: [
      { what: 'calls a day', accounts: ['zoho'], used: 2310, allowed: 2500, used_pct: 92, said_by: 'zoho.daily_calls' },
      { what: 'Trading calls', accounts: ['ebay-main'], used: 1610, allowed: 5000, used_pct: 32, said_by: 'daily_calls' },
      {
        what: 'searchOrders',
        accounts: ['amazon-us'],
        used: 1440,
        allowed: 1560,
        used_pct: 92,
        said_by: 'the vendor, as a rate',
      },
    ],
  })
}
