/**
 * What the marketplace port promises, one name per sentence. A channel that cannot be asked for one says so in its `cannot`; the list of all
 * of them stands in conformance-skips.test.ts.
 */
export const sentences = {
  'orders: statuses': 'orders changed since then are listed, the open and the cancelled',
  'orders: pending': 'an order that may not ship yet is listed as that',
  'orders: awaiting acceptance': 'an order that the seller must accept first is listed as that',
  'orders: boundary': 'an order that changed at that very instant is listed',
  'orders: nothing': 'a search that finds nothing moves the cursor all the same',
  'orders: at': 'the high-water mark moves with the last page only, and never past now',
  'orders: drift': 'none is skipped though orders change, vanish and come in between the pages',
  'orders: crash': 'a process that died after any page is taken over by another, and none is missing',
  'orders: stale resume': 'a note to go on by that is stale, or nonsense, starts the search over',
  'orders: lazy': 'nothing is read ahead of the consumer',
  'orders: skipped': 'an order that the marketplace ships itself is counted or marked, and never ours to ship',
  'orders: poison': 'an order that cannot be read is set aside with its raw form, and its neighbours come',
  'get: many': 'orders are read by id, more than fit into one call, each once; unknown ones are absent',
  'get: now': 'an order read by id is as it is now',

  'confirm: outcomes': 'one outcome per package, in order; a bad one fails alone',
  'confirm: many': 'as many packages as are taken at once go each to their own order',
  'confirm: repeat': 'what is confirmed already is accepted again, and is one package',
  'confirm: part': 'a part of the units of a line is told, and the rest may still ship',
  'confirm: two packages': 'two packages of one order are both told',
  'confirm: answer lost': 'when the answer was lost, the look-up finds the package and nobody tells it twice',
  'confirm: request lost':
    'when the request was lost, the look-up does not say confirmed, and telling it again makes one package',
  'confirm: once': 'whatever was lost on the way, look-up and repeat leave the package there once',
  'look up: order': 'the look-up answers one per package, in order, and never takes another package for it',

  'acknowledge: outcomes': 'whole orders are acknowledged, one outcome each, in order; a bad one fails alone',
  'acknowledge: repeat': 'a second acknowledgement is accepted and harmless',

  'quantity: plan': 'the plan for quantities is pure and names a way and a batch for any number',
  'quantity: absolute': 'quantities are absolute: up, down, to nothing, and the same again',
  'quantity: many': 'more quantities than one call takes are told, each to its own SKU',
  'quantity: unlisted': 'a SKU that is not listed is told as that, alone, in order, and nothing is made of it',
  'quantity: refused': 'a quantity that the vendor refuses fails alone',
  'quantity: not ours': "a listing that is not the seller's to write is shown as that to whoever looks first",
  'quantity: left alone': "a listing that is not the seller's to write is left alone by whoever writes without looking",
  'quantity: nothing else': 'nothing of a listing is touched but its quantity',
  'quantity: report': 'a hand-over that is judged later is running at first, and then has one outcome per item',
  'quantity: report lost': 'a report that never ends gives failures that may be tried again, once the deadline is over',
  'listings: order': 'listings are described one per SKU, in order, the unlisted ones too',

  'stop: before': 'told to stop, nothing begins',
  'stop: between': 'told to stop between two pages, no further page is fetched',
  'stop: waiting': 'told to stop while it waits for its turn, it stops at once',
  'errors: kinds': 'whatever the vendor does, only errors of the four kinds are thrown, and fitting ones',
  'errors: writes': 'a write that broke off has an unknown outcome, and a write that was refused has not',
  'health: tells': 'health is told and never thrown, whatever the vendor does',
  'health: cheap': 'health costs a few calls and changes nothing',
  'dry run': 'a dry run reads, writes nothing at the vendor and says what it would have written',
  'no rows': 'nothing is written to the database but what the processes share about the account',
  'no personal data': 'no log line, error, note, cursor or outcome has personal data in it',

  'money: yen': 'amounts of a currency without decimals come exactly',
  'money: dinar': 'amounts of a currency with three decimals come exactly',
  'money: tax excluded': 'taxes that come on top are in the total, once',
  'money: tax included': 'taxes that are in the prices are not added again',
  'text: chunks': 'umlauts and emoji survive bodies that come in pieces',
  'ids: long': 'ids of 19 digits keep every digit, out and back',
  'sku: slash': 'a SKU with a slash goes out and back',
  'sku: comma': 'a SKU with a comma and a semicolon goes out and back',
  'sku: quote': 'a SKU with quotes of both kinds goes out and back',
  'sku: percent': 'a SKU with a percent sign goes out and back',
  'sku: hash': 'a SKU with a number sign goes out and back',
  'sku: zeros': 'a SKU with leading zeros goes out and back',
} as const

export type Sentence = keyof typeof sentences
