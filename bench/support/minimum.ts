/** Every way in which a channel is served. */
export type Way = 'amazon' | 'amazon-v0' | 'mirakl' | 'ebay' | 'ebay-fulfillment' | 'dsco' | 'channeladvisor'

/**
 * `look up`: packages whose answer was lost. `publish first`: of SKUs that nobody has looked at; `publish`: of SKUs told before, by a process
 * that knows nothing.
 */
export type Job = 'pull' | 'open list' | 'pull by export' | 'acknowledge' | 'confirm' | 'look up' | 'publish first' | 'publish'

/** Calls to a vendor, those for tokens left out, as the vendor counts them. */
export interface Cost {
  /** The fewest that the vendor's page and batch sizes allow, where the vendor has worked on a batch by the time it is asked. */
  readonly least: number
  /** What isync may spend on it. */
  readonly most: number
  /** The sections of the vendor's contract that the least follows from. */
  readonly source: string
  /** Why that is more than {@link TOLERATED} of the least, where it is. */
  readonly why?: string
}

/** Of the least, without a reason. */
export const TOLERATED = 1.05

/** Of one channel's doctor: a few cheap reads. */
export const MOST_HEALTH_READS = 10

type Reckoning = (count: number) => Cost

const pages = (count: number, size: number) => Math.ceil(count / size)

function exactly(source: string, least: (count: number) => number): Reckoning {
  return (count) => ({ least: least(count), most: least(count), source })
}

const each = (count: number) => count

/** Orders are read in front of their packages, 20 at a time, and those that have one are not told it again. */
function confirmedAfterReading(source: string): Reckoning {
  return (packages) => ({ least: packages, most: packages + pages(packages, 20), source })
}

const amazonStock = {
  // Whose listing it is must be known before it is written: 20 SKUs a search.
  'publish first': exactly('Amazon 3 and 7: a patch each, a search per 20', (skus) => skus + pages(skus, 20)),
  publish: exactly('Amazon 7: a patch each', each),
}

const amazonPackages = {
  confirm: exactly('Amazon 7: one each', each),
}

/** What fits into one page is one call. */
function inSlices(size: number): Reckoning {
  return (orders) => ({
    least: pages(orders, size),
    most: orders <= size ? 1 : 4 + pages(orders, 0.85 * size),
    source: `eBay 8: ${size} a page`,
    why: 'slices of one page each, so that an order that changes moves no other out of sight; they do not come evenly',
  })
}

const miraklFile = exactly('Mirakl 11: a stock file and its state', () => 2)

/** For `count` orders, packages or SKUs. A day's lists of carriers are asked for in the day's first job that needs them. */
export const costs: Readonly<Record<Way, Readonly<Partial<Record<Job, Reckoning>>>>> = {
  amazon: {
    pull: exactly('Amazon 7: 100 a page', (orders) => pages(orders, 100)),
    'open list': exactly('Amazon 7: 100 a page', (orders) => pages(orders, 100)),
    ...amazonPackages,
    'look up': exactly('Amazon 4: getOrder each', each),
    ...amazonStock,
  },
  'amazon-v0': {
    pull: exactly('Amazon 7: 100 a page, and the items of each', (orders) => pages(orders, 100) + orders),
    'open list': exactly('Amazon 7: 100 a page, and no items', (orders) => pages(orders, 100)),
    ...amazonPackages,
    'look up': exactly('Amazon 4: v0 shows no packages, and a repeat is an edit', each),
    ...amazonStock,
  },
  mirakl: {
    pull: (orders) => ({
      least: pages(orders, 100),
      most: 1 + pages(Math.max(0, orders - 100), 99),
      source: 'Mirakl 11: 100 a page',
      why: 'each page begins with the last order of the one before, so that none is stepped over',
    }),
    'open list': (orders) => ({
      least: pages(orders, 100),
      most: 1 + pages(Math.max(0, orders - 100), 99),
      source: 'Mirakl 11: 100 a page',
      why: 'each page begins with the last order of the one before, so that none is stepped over',
    }),
    // More than 2,000 orders, whatever their number, as long as one file holds them.
    'pull by export': () => ({
      least: 3,
      most: 5,
      source: 'Mirakl 11: OR13, OR14, OR15',
      why: 'a page before says how many there are, one after it that the file lacks none; 100 pages of 10,000 orders are saved',
    }),
    acknowledge: exactly('Mirakl 11: OR21 each', each),
    confirm: exactly('Mirakl 11: ST01 of 1,000, and the carriers of the day', (packages) => 1 + pages(packages, 1000)),
    'look up': exactly('Mirakl 11: ST11 of 100 orders', (packages) => pages(packages, 100)),
    'publish first': miraklFile,
    publish: miraklFile,
  },
  ebay: {
    pull: exactly('eBay 8: 100 a page', (orders) => pages(orders, 100)),
    'open list': inSlices(100),
    confirm: confirmedAfterReading('eBay 8: CompleteSale each'),
    'look up': exactly('eBay 2: GetOrders of 20 ids', (packages) => pages(packages, 20)),
    // The list of all records, 200 a page, would be fewer where nearly the whole catalog is new, and far more where it is not.
    'publish first': exactly(
      'eBay 5.2 and 8: 4 a call, own listings 200 a page, and once per SKU, 25 a call, whether the Inventory API has it (of its 2,000,000 a day)',
      (skus) => pages(skus, 4) + pages(skus, 200) + pages(skus, 25),
    ),
    publish: exactly('eBay 8: 4 a call', (skus) => pages(skus, 4)),
  },
  'ebay-fulfillment': {
    pull: exactly('eBay 8: 200 a page', (orders) => pages(orders, 200)),
    'open list': inSlices(200),
    confirm: confirmedAfterReading('eBay 8: one each'),
    'look up': exactly('eBay 4: the list of each order', each),
    'publish first': exactly(
      'eBay 5.1 and 8: 25 a call, the records once, 25 a call, and the offers of each once',
      (skus) => 2 * pages(skus, 25) + skus,
    ),
    publish: exactly('eBay 8: 25 a call', (skus) => pages(skus, 25)),
  },
  dsco: {
    pull: exactly('Rithum 12: 1,000 a page, and an empty one', (orders) => pages(orders, 1000) + 1),
    'open list': exactly('Rithum 12: 1,000 a page, and an empty one', (orders) => pages(orders, 1000) + 1),
    // 5 MB would hold more, and the log of more than a page's worth is no shorter.
    acknowledge: exactly('Rithum 3 and 12: one, and its log', (orders) => 2 * pages(orders, 1000)),
    confirm: (packages) => ({
      least: packages + 2,
      most: packages + 2 * pages(packages, 100),
      source: 'Rithum 4 and 12: each order read before, a batch, its log',
    }),
    'look up': exactly('Rithum 4: the log of what was sent, and its end, an empty page', (packages) => 2 * pages(packages, 1000)),
    'publish first': exactly(
      'Rithum 5 and 12: a batch, its log; the warehouses of the day and an empty page',
      (skus) => 2 * pages(skus, 5000) + 2,
    ),
    publish: exactly('Rithum 5 and 12: a batch, its log', (skus) => 2 * pages(skus, 5000)),
  },
  channeladvisor: {
    pull: exactly('Rithum 12: 100 a page', (orders) => pages(orders, 100)),
    'open list': exactly('Rithum 12: 100 a page', (orders) => pages(orders, 100)),
    acknowledge: exactly('Rithum 12: Export each, not in a batch', each),
    confirm: confirmedAfterReading('Rithum 12: Ship each'),
    'look up': exactly('Rithum 10: the order each', each),
    'publish first': idsAndBatches(true),
    publish: idsAndBatches(false),
  },
}

/** What all channels share; ShipStation's and Zoho's. */
export const shared = {
  push: exactly('ShipStation 10: 100 a call', (orders) => pages(orders, 100)),
  'push again': exactly('ShipStation 4: a repeat under the same key is an update', (orders) => pages(orders, 100)),
  // Voids and fulfillments are two lists of their own, and where a page is full the end is one more.
  read: exactly('ShipStation 10: 500 a page', (packages) => Math.floor(packages / 500) + 1 + 2),
  'idle read': exactly('ShipStation 10: shipments, voids, fulfillments', () => 3),
  items: exactly('Zoho 7: 200 a page', (items) => Math.max(1, pages(items, 200))),
} satisfies Record<string, Reckoning>

/** A batch of 100 counts as 101 calls. Ids of about 33 SKUs fit into one address; one list of distribution centers an hour. */
function idsAndBatches(cold: boolean): Reckoning {
  return (skus) => {
    const batches = pages(skus, 100)
    return {
      least: skus + batches + (cold ? batches : 0),
      most: skus + batches + batches * 4 + 1,
      source: `Rithum 8 and 12: 100 a batch, each part counts${cold ? '; ids 100 a page' : ''}`,
      why: 'ids are asked anew by every process, since a kept one would outlive a renamed SKU',
    }
  }
}
