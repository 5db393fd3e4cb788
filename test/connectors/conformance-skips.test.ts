import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ChannelBench } from './suite/bench.ts'
import { amazonBench } from './suite/bench-amazon.ts'
import { channelAdvisorBench } from './suite/bench-channeladvisor.ts'
import { dscoBench } from './suite/bench-dsco.ts'
import { ebayBench } from './suite/bench-ebay.ts'
import { fileBench } from './suite/bench-file.ts'
import { miraklBench } from './suite/bench-mirakl.ts'

/** What is not asked of whom. A sentence more in here is a decision, and so is a bench. */
const skipped: readonly (readonly [bench: ChannelBench, sentences: readonly string[]])[] = [
  [
    amazonBench('2026-01-01'),
    [
      'orders: awaiting acceptance',
      'acknowledge: outcomes',
      'acknowledge: repeat',
      'quantity: left alone',
      'money: tax included',
    ],
  ],
  [
    amazonBench('v0'),
    [
      'orders: awaiting acceptance',
      'confirm: answer lost',
      'look up: order',
      'acknowledge: outcomes',
      'acknowledge: repeat',
      'quantity: left alone',
      'money: tax included',
    ],
  ],
  [miraklBench('ST01'), ['quantity: not ours', 'quantity: left alone', 'sku: slash']],
  [
    miraklBench('OR24'),
    ['open: part', 'confirm: part', 'confirm: two packages', 'quantity: not ours', 'quantity: left alone', 'sku: slash'],
  ],
  [
    ebayBench('trading'),
    [
      'orders: pending',
      'orders: awaiting acceptance',
      'orders: skipped',
      'confirm: part',
      'acknowledge: outcomes',
      'acknowledge: repeat',
      'quantity: report',
      'quantity: report lost',
      'money: tax included',
    ],
  ],
  [
    ebayBench('fulfillment'),
    [
      'orders: pending',
      'orders: awaiting acceptance',
      'orders: skipped',
      'acknowledge: outcomes',
      'acknowledge: repeat',
      'quantity: report',
      'quantity: report lost',
      'money: tax included',
    ],
  ],
  [
    dscoBench,
    ['orders: awaiting acceptance', 'orders: skipped', 'quantity: not ours', 'quantity: left alone', 'money: tax included'],
  ],
  [
    channelAdvisorBench,
    [
      'orders: awaiting acceptance',
      'quantity: report',
      'quantity: report lost',
      'quantity: not ours',
      'quantity: left alone',
      'ids: long',
    ],
  ],
  [
    fileBench,
    [
      'orders: awaiting acceptance',
      'orders: skipped',
      'open: omitted',
      'acknowledge: outcomes',
      'acknowledge: repeat',
      'quantity: unlisted',
      'quantity: refused',
      'quantity: not ours',
      'quantity: left alone',
      'quantity: report',
      'quantity: report lost',
      'listings: order',
    ],
  ],
]

describe('sentences of the port that are not put to a channel', () => {
  it.each(skipped.map(([bench, names]) => [bench.name, bench, names] as const))('%s', (_name, bench, names) => {
    expect(Object.keys(bench.cannot).sort()).toEqual([...names].sort())
    for (const reason of Object.values(bench.cannot)) expect(reason.split(' ').length).toBeGreaterThan(3)
  })

  it('are known of every bench, and every bench is asked in a file of its own', () => {
    const asked = readdirSync(import.meta.dirname).filter((name) => /^conformance-.*\.test\.ts$/.test(name))
    expect(asked).toHaveLength(skipped.length + 1)
    const benches = readdirSync(join(import.meta.dirname, 'suite')).filter((name) => name.startsWith('bench-'))
    const vendors = ['amazon', 'channeladvisor', 'dsco', 'ebay', 'file', 'mirakl']
    expect(benches).toEqual(vendors.map((vendor) => `bench-${vendor}.ts`))
  })
})
