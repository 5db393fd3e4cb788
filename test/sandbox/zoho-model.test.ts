import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { zohoItems } from '../../src/sandbox/scenario/zoho-items.ts'
import type { Exchange } from '../contract/check.ts'
import { judge } from '../contract/check.ts'
import { MODELS_FOUND, type Operation, titleWithModels, zohoOperations } from '../contract/models.ts'
import { type Client, startZoho } from './zoho-client.ts'

describe.skipIf(!MODELS_FOUND)(titleWithModels('zoho: replies hold against the published models'), () => {
  let zoho: Client
  let operations: readonly Operation[]

  beforeAll(async () => {
    operations = zohoOperations()
    zoho = await startZoho({
      items: [
        ...zohoItems(),
        {
          sku: 'FULL',
          stock: '2.5',
          reorder_level: 4,
          brand: 'B',
          category: 'C',
          combo_type: 'kit',
          kind: 'bundle',
          text_numbers: true,
        },
        { sku: 'TWO', places: { '460000000038080': 3, '460000000041010': { stock: -1, committed: 2 } } },
      ],
    })
  })

  afterAll(() => zoho?.sandbox.close())

  /** What the models have to say of the latest exchange, with its body changed where a test wants that. */
  function judged(change: Partial<Exchange> = {}) {
    const last = zoho.sandbox.journal().at(-1)
    if (last === undefined) throw new Error('nothing was asked')
    return judge({ amazon: [], mirakl: [], shipstation: [], zoho: operations, ebay: [] }, { ...last, ...change })
  }

  async function holds(path: string, query: Readonly<Record<string, string>>, operation: string, status = 200): Promise<void> {
    const answer = await zoho.get(path, query)
    expect(answer.status, answer.text).toBe(status)
    expect(judged()).toEqual({ operation, problems: [] })
  }

  it.each([
    { places: 'locations', places_in_list: false },
    { places: 'locations', places_in_list: true },
    { places: 'warehouses', places_in_list: true },
  ])('items and their details with %j', async (settings) => {
    zoho.seed({ settings })
    const { body } = await zoho.items({ filter_by: 'Status.All', sort_column: 'created_time', sort_order: 'D', per_page: '100' })
    expect(judged()).toEqual({ operation: 'GET /inventory/v1/items', problems: [] })
    expect(body.items).toHaveLength(zohoItems().length + 2)
    const ids: readonly string[] = body.items.map((item: { item_id: string }) => item.item_id)
    await holds('/itemdetails', { item_ids: ids.join() }, 'GET /inventory/v1/itemdetails')
    for (const id of ids) await holds(`/items/${id}`, {}, 'GET /inventory/v1/items/{item_id}')
  })

  it('organizations and locations', async () => {
    zoho.seed({ settings: { places: 'locations' } })
    await holds('/organizations', {}, 'GET /inventory/v1/organizations')
    await holds('/locations', { location_type: 'general' }, 'GET /inventory/v1/locations')
  })

  it('refusals', async () => {
    expect((await zoho.get('/items', { page: '0' })).status).toBe(400)
    expect(judged().problems).toEqual([expect.stringContaining('page must be >= 1')])
    await holds('/items/1', {}, 'GET /inventory/v1/items/{item_id}', 404)
    await zoho.get('/items', {}, { token: 'nonsense' })
    expect(judged()).toEqual({ operation: 'GET /inventory/v1/items', problems: [] })
    zoho.seed({ settings: { calls_per_minute: 1 } })
    await holds('/items', {}, 'GET /inventory/v1/items', 429)
    zoho.seed({ settings: { calls_per_minute: 0 } })
  })

  it('tokens, given and refused', async () => {
    const [accounts] = operations.filter(({ template }) => template === '/oauth/v2/token')
    // Bodies with credentials are not in the journal.
    async function complaintsAbout(fields: Record<string, string>, status: number): Promise<unknown> {
      const answer = await zoho.token(fields)
      expect(answer.status).toBe(status)
      const validate = accounts?.replies.get(String(status))
      validate?.(answer.body)
      return validate?.errors
    }
    expect(await complaintsAbout({}, 200)).toBeNull()
    expect(await complaintsAbout({ client_secret: 'wrong' }, 400)).toBeNull()
    zoho.seed({ settings: { token_error_status: 200 } })
    expect(await complaintsAbout({ refresh_token: 'wrong' }, 200)).toBeNull()
  })

  it('and a reply that is off does not hold', async () => {
    const { body } = await zoho.items({ per_page: '1' })
    const [row] = body.items
    const reply = (item: object, page: object = body.page_context) =>
      judged({ replyBody: JSON.stringify({ ...body, items: [item], page_context: page }) }).problems
    expect(reply(row)).toEqual([])
    expect(reply({ ...row, committed_stock: 1 })).toHaveLength(1)
    expect(reply({ ...row, item_id: 44209 })).toHaveLength(1)
    expect(reply({ ...row, available_stock: 'many' })).toHaveLength(1)
    expect(reply({ ...row, sku: undefined })).toHaveLength(1)
    expect(reply({ ...row, last_modified_time: '2026-11-01T12:00:00Z' })).toHaveLength(1)
    expect(reply(row, { page: 1 })).toHaveLength(2)
  })
})
