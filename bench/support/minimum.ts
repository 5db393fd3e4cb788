/** Every way in which a channel is served. */
export type Way = 'amazon' | 'amazon-v0' | 'mirakl' | 'ebay' | 'ebay-fulfillment' | 'dsco' | 'channeladvisor'

/** `publish first`: of SKUs that nobody has looked at; `publish`: of SKUs told before, by a process that knows nothing. */
export type Job = 'pull' | 'acknowledge' | 'confirm' | 'publish first' | 'publish'

/** Calls to the vendor, those for tokens left out. */
export interface Cost {
  /** The fewest that the vendor's page and batch sizes allow. */
  readonly least: number
  /** What isync may spend on it. */
  readonly most: number
  /** Why that is more than {@link TOLERATED} of the least, where it is. */
  readonly why?: string
}

/** Of the least, without a reason. */
export const TOLERATED = 1.05

const pages = (count: number, size: number) => Math.ceil(count / size)
const exactly = (least: number): Cost => ({ least, most: least })

/** Orders are read in front of their packages: a list of so many at a time. */
const ordersAhead = (packages: number) => pages(packages, 20)

const POLLS = 'a finished batch is known by asking again'
/** Looks at a report while the vendor works, until it is done. */
const LOOKS = 3

const amazonStock = {
  // Whose listing it is must be known before it is written: 20 SKUs a search.
  'publish first': (skus: number) => exactly(skus + pages(skus, 20)),
  publish: exactly,
}

/**
 * By the contracts' sections on minimum calls (Amazon section 7, eBay 8, Mirakl 11, Rithum 12), for `count` orders, packages or SKUs. A day's lists (carriers,
 * warehouses, distribution centers) are asked for in the day's first job that needs them.
 */
export const costs: Readonly<Record<Way, Readonly<Partial<Record<Job, (count: number) => Cost>>>>> = {
  amazon: { pull: (orders) => exactly(pages(orders, 100)), confirm: exactly, ...amazonStock },
  'amazon-v0': { pull: (orders) => exactly(pages(orders, 100) + orders), confirm: exactly, ...amazonStock },
  mirakl: {
    pull: (orders) => ({
      least: pages(orders, 100),
      most: 1 + pages(Math.max(0, orders - 100), 99),
      why: 'each page begins with the last order of the one before, so that none is stepped over',
    }),
    acknowledge: exactly,
    confirm: (packages) => exactly(1 + pages(packages, 1000)),
    'publish first': importOf,
    publish: importOf,
  },
  ebay: {
    pull: (orders) => exactly(pages(orders, 100)),
    confirm: (packages) => ({ least: packages, most: packages + ordersAhead(packages) }),
    'publish first': (skus) => ({
      least: pages(skus, 4) + pages(skus, 200),
      most: pages(skus, 4) + pages(skus, 200) + looks(skus),
      why: 'once: 25 SKUs a question, whether the Inventory API knows them; that API has 400 times the calls',
    }),
    publish: (skus) => exactly(pages(skus, 4)),
  },
  'ebay-fulfillment': {
    pull: (orders) => exactly(pages(orders, 200)),
    confirm: (packages) => ({ least: packages, most: packages + ordersAhead(packages) }),
    // The offers of each SKU, once.
    'publish first': (skus) => ({ least: pages(skus, 25) + skus, most: pages(skus, 25) + skus + looks(skus) }),
    publish: (skus) => exactly(pages(skus, 25)),
  },
  dsco: {
    // The end of a search is an empty page.
    pull: (orders) => exactly(pages(orders, 1000) + 1),
    acknowledge: (orders) => ({ least: 2 * pages(orders, 1000), most: (2 + LOOKS) * pages(orders, 1000), why: POLLS }),
    confirm: (packages) => ({
      least: 2,
      most: packages + (2 + LOOKS) * pages(packages, 100),
      why: 'each order is read first: a parcel told twice becomes two, and there is no list by ids',
    }),
    'publish first': (skus) => ({ least: 2 * pages(skus, 5000), most: (2 + LOOKS) * pages(skus, 5000) + 2, why: POLLS }),
    publish: (skus) => ({ least: 2 * pages(skus, 5000), most: (2 + LOOKS) * pages(skus, 5000), why: POLLS }),
  },
  channeladvisor: {
    pull: (orders) => exactly(pages(orders, 100)),
    acknowledge: exactly,
    confirm: (packages) => ({ least: packages, most: packages + ordersAhead(packages) }),
    'publish first': idsAndBatches,
    publish: idsAndBatches,
  },
}

/** SKUs of one chunk that is looked at are 200, of one question 25. */
function looks(skus: number): number {
  return pages(skus, 200) * pages(Math.min(skus, 200), 25)
}

function importOf(): Cost {
  return { least: 2, most: 2 + LOOKS, why: POLLS }
}

/** Ids of about 33 SKUs fit into one address, and one list of distribution centers an hour. */
function idsAndBatches(skus: number): Cost {
  const batches = pages(skus, 100)
  return {
    least: batches,
    most: batches + batches * 4 + 1,
    why: "ids are asked anew by every process, since a kept one would outlive a renamed SKU; a batch of 100 counts as 101 calls, its ids' as 4",
  }
}
