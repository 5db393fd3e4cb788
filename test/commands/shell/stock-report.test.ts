import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { createOutput } from '../../../src/commands/shell/print.ts'
import { printStockRun } from '../../../src/commands/shell/stock-report.ts'
import { noPublishCounts } from '../../../src/core/inventory/publish-results.ts'
import type { StockRunReport } from '../../../src/core/inventory/stock-runs.ts'

function printed(report: Partial<StockRunReport>): Promise<string> {
  const stream = new PassThrough()
  printStockRun(
    createOutput(stream, { json: false, quiet: false, color: false }),
    { problems: [], verdict: 'done', ...report },
    {},
  )
  stream.end()
  return text(stream)
}

const counts = { items: 1, changed: 1, left_out: {}, missing: 0 }

describe('what a stock run tells a person', () => {
  it('says what was read, and what is odd about it, in words', async () => {
    const left_out = { inactive: 2, 'no-sku': 1, unknown: 3 }
    const said = await printed({ reading: { counts: { items: 40, changed: 7, left_out, missing: 1 }, beganAt: 0, skus: [] } })

    expect(said).toContain(
      'Stock read: 40 items, 7 changed, 1 known SKU not shown (the last number stands); among them 2 inactive',
    )
    expect(said).toContain('1 without a SKU, 3 without a readable number (the last one stands).')
    expect(await printed({ reading: { counts, beganAt: 0, skus: [] } })).toContain('Stock read: 1 item, 1 changed.')
  })

  it('names the commands that look at a held reading and let it pass', async () => {
    const brake = { where: 'zoho', what: 'the stock reading is empty', why: 'Zoho showed not one item' }
    const said = await printed({ reading: { counts, beganAt: 0, skus: [], brake }, verdict: 'held' })

    expect(said).toContain('HELD BY A BRAKE: the stock reading is empty: Zoho showed not one item. No channel was told anything.')
    expect(said).toContain('isync doctor --channel zoho')
    expect(said).toContain('isync inventory:full --dry-run shows it once more')
    expect(said).toContain('isync inventory:full --override-brake')
  })

  it('names others where a channel would be emptied, since reading Zoho once more would not help', async () => {
    const brake = { where: 'amazon-us', what: 'too much of amazon-us would be set to zero', why: '30 of 40' }
    const said = await printed({ published: { channels: [], brakes: [brake], verdict: 'held' }, verdict: 'held' })

    expect(said).toContain('isync alloc:preview --changed shows it once more')
    expect(said).toContain('isync inventory:rebalance --all --override-brake')
    expect(said).not.toContain('inventory:full')
  })

  it('says why a raise is not there yet, and which command brings it', async () => {
    const channel = {
      channel: 'amazon-us',
      counts: { ...noPublishCounts, held: 2, awaiting_report: 1 },
      errors: [],
      outcome: 'done',
    } as const
    const said = await printed({ published: { channels: [channel], brakes: [], verdict: 'done' } })

    expect(said).toContain('amazon-us: raises held until its orders are pulled: 2. The next orders:pull lets them go.')
    expect(said).toContain('amazon-us: quantities of which its report is awaited: 1. The next run reads it.')
  })

  it('says once what holds for several channels', async () => {
    const heldBy = { host: 'packing-1', pid: 4711, taken_at: Date.parse('2026-01-24T09:00Z'), owner: 'run-1', lease_until: 0 }
    const channels = ['amazon-us', 'mirakl-macys', 'ebay-us'].map((channel, i) => ({
      channel,
      counts: { ...noPublishCounts, held: i === 2 ? 7 : 1 },
      errors: [],
      outcome: 'held elsewhere' as const,
      heldBy,
    }))
    const said = await printed({ published: { channels, brakes: [], verdict: 'done' } })

    expect(said.match(/another run is at work.*/g)).toEqual([
      'another run is at work (host packing-1, pid 4711, since 2026-01-24T09:00:00.000Z); nothing to do here.',
    ])
    expect(said).toContain('amazon-us, mirakl-macys, ebay-us: another run is at work')
    expect(said).toContain(
      'amazon-us, mirakl-macys: raises held until its orders are pulled: 1. The next orders:pull lets them go.',
    )
    expect(said).toContain('ebay-us: raises held until its orders are pulled: 7.')
  })
})
