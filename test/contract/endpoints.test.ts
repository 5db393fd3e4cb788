import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { MODELS_FOUND, publishedPaths, titleWithModels } from './models.ts'
import { operationsIn, parsed, sourcesIn } from './operations.ts'

/** Headings of docs/endpoints.md, and where the calls of that vendor are made. */
const VENDORS = [
  ['Amazon', 'amazon'],
  ['eBay', 'ebay'],
  ['Mirakl', 'mirakl'],
  ['Rithum Dsco', 'rithum/dsco'],
  ['Rithum ChannelAdvisor', 'rithum/channeladvisor'],
  ['ShipStation', 'shipstation'],
  ['Zoho', 'zoho'],
] as const

/** Names that errors bear and no request: of a whole task, or of two calls together. */
const NOT_CALLS: Readonly<Record<string, readonly string[]>> = { ebay: ['updateQuantities'], mirakl: ['OR23+OR24'] }

/** What the list calls a model, and the vendor's file. */
const MODELS: Readonly<Record<string, readonly [vendor: string, file: string]>> = {
  'model sellers v1': ['amazon', 'sellers.json'],
  'model orders 2026-01-01': ['amazon', 'orders_2026-01-01.json'],
  'model orders v0': ['amazon', 'ordersV0.json'],
  'model tokens 2021-03-01': ['amazon', 'tokens_2021-03-01.json'],
  'model reports 2021-06-30': ['amazon', 'reports_2021-06-30.json'],
  'model listings items 2021-08-01': ['amazon', 'listingsItems_2021-08-01.json'],
  'model feeds 2021-06-30': ['amazon', 'feeds_2021-06-30.json'],
  'model fulfillment 1.20.7': ['ebay', 'sell_fulfillment_v1_oas3.json'],
  'model inventory 1.18.4': ['ebay', 'sell_inventory_v1_oas3.json'],
  'model analytics v1_beta.0.1': ['ebay', 'developer_analytics_v1_beta_oas3.json'],
  'model notification v1.6.2': ['ebay', 'commerce_notification_v1_oas3.json'],
  'model Mirakl seller': ['mirakl', 'mirakl-seller.vendor-full.json'],
  'model Dsco v3': ['rithum', 'dsco-v3.vendor-subset.json'],
  'model Zoho organizations': ['zoho', 'inventory-organizations.vendor.yml'],
  'model Zoho items': ['zoho', 'inventory-items.vendor.yml'],
}

interface Endpoint {
  readonly call: string
  /** `GET /orders/{id}`, or in words where the vendor names the address. */
  readonly request: string
  readonly source: string
}

const page = readFileSync(resolve(import.meta.dirname, '../../docs/endpoints.md'), 'utf8')
const all = VENDORS.flatMap(([heading]) => endpointsOf(heading).map((one) => [one.call, one] as const))

describe('the list of endpoints', () => {
  it.each(VENDORS)('has every call that isync makes to %s, and no other', (heading, folder) => {
    const called = [...operationsIn(sourcesIn(folder))].filter((name) => !NOT_CALLS[folder]?.includes(name))
    expect([...new Set(endpointsOf(heading).map(({ call }) => call))].sort()).toEqual(called.sort())
  })

  it.each(Object.entries(NOT_CALLS))('what is no call of %s is still said there', (folder, names) => {
    const said = operationsIn(sourcesIn(folder))
    expect(names.filter((name) => !said.has(name))).toEqual([])
  })

  it.each(VENDORS)('asks of %s only what it calls', (heading) => {
    const calls = endpointsOf(heading).map(({ call }) => call)
    const asked = [...sectionOf(heading).matchAll(/^- \[ \] `([^`]+)`:/gm)].map(([, name = '']) => name)
    expect(asked.length).toBeGreaterThan(2)
    expect(asked.filter((name) => !calls.includes(name))).toEqual([])
  })

  it.each(all)('%s: says where its shape is from', (_, { source }) => {
    if (source.startsWith('model ')) expect(MODELS[source], source).toBeDefined()
    else expect(source).toMatch(/^(page: |schema of )/)
  })
})

describe.skipIf(!MODELS_FOUND)(titleWithModels('a request that is said to be from a model'), () => {
  const modelled = all.filter(([, { source }]) => source.startsWith('model '))

  it.each(modelled)('%s: is in it', (_, { request, source }) => {
    const [vendor = '', file = ''] = MODELS[source] ?? []
    expect(isIn(publishedPaths(vendor, file), request), request).toBe(true)
  })

  it('with another verb, or another path, is not', () => {
    const paths = publishedPaths('amazon', 'orders_2026-01-01.json')
    expect(isIn(paths, 'GET /orders/2026-01-01/orders/{id}')).toBe(true)
    expect(isIn(paths, 'PUT /orders/2026-01-01/orders/{id}')).toBe(false)
    expect(isIn(paths, 'GET /orders/2026-01-01/order')).toBe(false)
  })
})

describe('the calls in a source', () => {
  const calls = (...texts: readonly string[]) => [...operationsIn(texts.map((text, i) => parsed(`${i}.ts`, text)))]

  it.each<[string, readonly string[], readonly string[]]>([
    ['said in place', ["client.ask({ operation: 'listThings' })"], ['listThings']],
    ['kept under a name, in another file', ["export const NAME = 'one'", 'send({ operation: NAME })'], ['one']],
    [
      'kept under a name that another file has too',
      ["const N = 'one'; send({ operation: N })", "const N = 'two'; send({ operation: N })"],
      ['one', 'two'],
    ],
    ['of the same name as their key', ["const operation = 'hold'; send({ operation })"], ['hold']],
    ['one of two', ["send({ operation: isOld ? 'OR24' : 'ST01' })"], ['OR24', 'ST01']],
    ['handed to a function', ["function callOf(client, operation: string) {}; callOf(client, 'download')"], ['download']],
    ['of a table', ["const operations = { a: {}, 'b/c': {} } as const satisfies X"], ['a', 'b/c']],
    ['of the Trading API', ["const call = { api: 'trading', call: 'GetOrders' }"], ['GetOrders']],
    ['of a REST API', ['const call = { api: "fulfillment", path: `/order/${id}/packages` }'], ['fulfillment/packages']],
    ['passed on', ['send({ operation: request.operation })'], []],
  ])('are found where they are %s', (_, texts, expected) => {
    expect(calls(...texts)).toEqual(expected)
  })
})

/** The rows with a box below a heading. */
function endpointsOf(heading: string): readonly Endpoint[] {
  const rows = sectionOf(heading).match(/^\| ☐ \|.*$/gm) ?? []
  return rows.map((row) => {
    const [, , call = '', request = '', , source = ''] = row.split('|').map((cell) => cell.trim().replaceAll('`', ''))
    return { call, request, source }
  })
}

/** From a heading to the next one of its level or above. */
function sectionOf(heading: string): string {
  const [, marks = '', text = ''] = new RegExp(`^(#{2,3}) ${heading}\\n([\\s\\S]*)`, 'm').exec(page) ?? []
  const end = text.search(new RegExp(`^#{2,${marks.length}} `, 'm'))
  return end < 0 ? text : text.slice(0, end)
}

/** Models write paths from where their server's address ends; names of parameters differ. */
function isIn(paths: readonly string[], request: string): boolean {
  const plain = (path: string) => path.replaceAll(/\{[^}]*\}/g, '{}').replace(/\/$/, '')
  const [method, path = ''] = request.split(' ')
  return paths.some((one) => {
    const [verb, template = ''] = one.split(' ')
    return verb === method && (plain(path) === plain(template) || plain(path).endsWith(plain(template)))
  })
}
