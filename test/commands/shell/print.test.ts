import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { createOutput, printProblems } from '../../../src/commands/shell/print.ts'
import type { RunProblem } from '../../../src/core/context.ts'

function printed(problems: readonly RunProblem[]): string {
  const stream = new PassThrough()
  printProblems(createOutput(stream, { json: false, quiet: false, color: false }), problems)
  return String(stream.read() ?? '')
}

function waiting(n: number, why = 'shipstation createorders: answered 503'): RunProblem {
  const next = `nothing: tried again after 2026-01-24T09:00:30.000Z (now: isync retry --id t${n})`
  return { channel: 'amazon-us', what: `push amazon-us:111-${n}`, why, next }
}

describe('what went wrong', () => {
  it('is told item by item while the items are few', () => {
    expect(printed([waiting(1), waiting(2)])).toBe(
      [1, 2]
        .map(
          (n) =>
            `! amazon-us: push amazon-us:111-${n}\n` +
            '    why:  shipstation createorders: answered 503\n' +
            `    next: nothing: tried again after 2026-01-24T09:00:30.000Z (now: isync retry --id t${n})\n`,
        )
        .join(''),
    )
  })

  it('is told once where many items failed for one reason', () => {
    const many = Array.from({ length: 50 }, (_, i) => waiting(i + 1))
    expect(printed([...many, waiting(99, 'order not sent: nothing left to ship')])).toBe(
      '! amazon-us: push 111-1, 111-2, 111-3 and others\n' +
        '    why:  shipstation createorders: answered 503\n' +
        '    next: nothing: tried again after 2026-01-24T09:00:30.000Z\n' +
        '! amazon-us: push amazon-us:111-99\n' +
        '    why:  order not sent: nothing left to ship\n' +
        '    next: nothing: tried again after 2026-01-24T09:00:30.000Z (now: isync retry --id t99)\n',
    )
  })

  it('names one command for all that were given up alike', () => {
    const dead = (n: number): RunProblem => ({ ...waiting(n), next: `mend the cause, then: isync retry --id t${n}` })
    expect(printed([dead(1), dead(2), dead(3)])).toContain(
      'next: mend the cause, then: isync retry --dead --kind push --channel amazon-us\n',
    )
  })
})

describe('a table', () => {
  const head = ['', 'account', 'check', 'finding']
  const long =
    'available_stock of 17 of 17 items is readable; on 2 of 17 items it is not available_for_sale_stock, which has 2 units less'
  const rows = [
    ['ok', 'zoho', 'available_field', long],
    ['ok', 'zoho', 'clock', '1 s ahead'],
  ]

  function tabled(
    columns: number | undefined,
    table = { head, rows: rows as readonly (readonly (string | number)[])[] },
  ): string[] {
    const stream = new PassThrough()
    const width = columns === undefined ? {} : { columns }
    createOutput(stream, { json: false, quiet: false, color: false, ...width }).table(table.head, table.rows)
    return String(stream.read()).trimEnd().split('\n')
  }

  it('keeps within the terminal: what is too long goes on below, between words', () => {
    for (const columns of [80, 120]) {
      const lines = tabled(columns)
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns)
      expect(lines.map((line) => line.slice(30).trim()).join(' ')).toBe(`finding ${long} 1 s ahead`)
    }
  })

  it('has one line for each row where nobody reads it at a terminal, and where it fits', () => {
    expect(tabled(undefined)).toHaveLength(3)
    expect(tabled(200)).toEqual(tabled(undefined))
  })

  it('never cuts an id or a number, even where it cannot fit', () => {
    const ids = {
      head: ['id', 'key', 'n'],
      rows: [['0mwrjkcf5380ceae063e0cd03', 'ebay-us:21-06003-40183-and-much-more', 1_000_000]],
    }
    const lines = tabled(40, ids)
    expect(lines.join('\n')).toContain('0mwrjkcf5380ceae063e0cd03  ebay-us:21-06003-40183-and-much-more  1000000')
  })
})
