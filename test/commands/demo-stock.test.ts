import { describe, expect, it } from 'vitest'
import type { Offered } from '../../src/commands/demo/channels/channel.ts'
import type { StockBooks } from '../../src/commands/demo/stock-books.ts'
import { isNothingElseTouched, isStockRight, reckonStock } from '../../src/commands/demo/stock-reckoning.ts'

const NOON = 1_000
const SKU = 'MUG'

/** Ten in Zoho at noon; told to both channels; afterwards a buyer took two here. */
const here: Offered = {
  sku: SKU,
  isOurs: true,
  shown: 7,
  history: [
    [1, 3, 'seed'],
    [NOON + 1, 9, 'patch'],
    [NOON + 2, 7, 'buyer'],
  ],
  alsoWritten: [],
}
const there: Offered = {
  ...here,
  history: [
    [1, 3, 'seed'],
    [NOON + 1, 9, 'import'],
    [NOON + 3, 7, 'import'],
  ],
}
const foreign: Offered = { sku: 'FBA', isOurs: false, shown: 0, history: [[1, 4, 'seed']], alsoWritten: [] }

function books(change: Partial<Offered> = {}, more: Partial<StockBooks['channels'][number]> = {}): StockBooks {
  return {
    zoho: new Map([[SKU, 10]]),
    channels: [
      { channel: 'amazon-us', offered: [{ ...here, ...change }, foreign], underWay: 0, ...more },
      { channel: 'mirakl-macys', offered: [there], underWay: 0 },
    ],
  }
}

describe('the reckoning of stock', () => {
  it('is right when each channel shows what is left, less one', () => {
    const channels = reckonStock(books(), NOON)

    expect(channels).toEqual([
      { channel: 'amazon-us', listed: 1, published: 1, settled: 1, wrong: 0, oversold: 0 },
      { channel: 'mirakl-macys', listed: 1, published: 1, settled: 1, wrong: 0, oversold: 0 },
    ])
    expect(channels.every(isStockRight)).toBe(true)
  })

  it.each<[string, Partial<Offered>, Partial<StockBooks['channels'][number]>, object]>([
    ['the channel shows one too many', { shown: 8 }, {}, { wrong: 1 }],
    ['the channel shows one too few', { shown: 6 }, {}, { wrong: 1 }],
    ['nobody told the channel anything', { shown: 7, history: [[1, 7, 'seed']] }, {}, { published: 0, settled: 0 }],
    ['somebody typed over it', { history: [...here.history, [NOON + 4, 7, 'person']] }, {}, { settled: 0 }],
    ['a file is still under way', {}, { underWay: 1 }, { settled: 0 }],
    ['nothing is on sale', {}, { offered: [foreign] }, { listed: 0 }],
    [
      'buyers took more than there was',
      {
        shown: 0,
        history: [
          [NOON, 12, 'patch'],
          [NOON + 9, 0, 'buyer'],
        ],
      },
      {},
      { oversold: 2 },
    ],
  ])('is wrong when %s', (_, change, more, expected) => {
    const [amazon] = reckonStock(books(change, more), NOON)

    expect(amazon).toMatchObject(expected)
    expect(isStockRight(amazon!)).toBe(false)
  })

  it('what buyers took before the books were brought up to date is in Zoho already', () => {
    expect(reckonStock(books({ shown: 9 }), NOON + 3)[0]).toMatchObject({ wrong: 0 })
  })

  it('sees a quantity that was written where none may be, and anything else that was written', () => {
    const [amazon, mirakl] = books().channels
    const with_ = (one: Offered) => ({ ...books(), channels: [{ ...amazon!, offered: [here, one] }, mirakl!] })

    expect(isNothingElseTouched(books())).toBe(true)
    expect(isNothingElseTouched(with_({ ...foreign, history: [...foreign.history, [NOON, 9, 'patch']] }))).toBe(false)
    expect(isNothingElseTouched(with_({ ...foreign, alsoWritten: ['purchasable_offer'] }))).toBe(false)
  })
})
