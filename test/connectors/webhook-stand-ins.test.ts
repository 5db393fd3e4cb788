import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { createAmazonConnector } from '../../src/connectors/amazon/connector.ts'
import { createEbayConnector } from '../../src/connectors/ebay/connector.ts'
import { createWebhookSources, type WebhookChannels, type WebhookSettings } from '../../src/connectors/webhooks.ts'
import type { Trigger } from '../../src/core/model/trigger.ts'
import type { WebhookSource, WebhookVerdict } from '../../src/core/ports/webhook.ts'
import type { Sandbox } from '../../src/sandbox/server.ts'
import { ID, LINES, openAmazon } from '../sandbox/amazon-client.ts'
import { openEbay } from '../sandbox/ebay-client.ts'
import { order, startShipStation } from '../sandbox/shipstation-client.ts'
import { startZoho } from '../sandbox/zoho-client.ts'
import { followingClock, testGate } from '../world/gate.ts'
import { settingsFor as amazonSettings } from './amazon-world.ts'
import { settingsFor as ebaySettings } from './ebay-world.ts'
import { aRequest, signal } from './webhook-world.ts'

const TOKEN = 't'.repeat(32)
const nobody: WebhookChannels = { amazon: [], ebay: [] }

interface Hooks {
  readonly origin: string
  readonly verdicts: WebhookVerdict[]
  /** What was taken leads to. */
  triggers(): readonly Trigger[]
  source: WebhookSource | undefined
}

/** A server that has each request judged, as isync serve does. */
async function startHooks(clock: () => number): Promise<Hooks> {
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const url = new URL(incoming.url ?? '/', 'http://here')
    const [, , , ...rest] = url.pathname.split('/')
    const request = aRequest({
      method: incoming.method ?? '',
      rest: rest.join('/'),
      query: [...url.searchParams],
      headers: Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])),
      body: Buffer.concat(chunks),
      receivedAt: clock(),
    })
    const verdict = (await hooks.source?.verify(request, signal)) ?? { status: 'refused', reason: 'path' }
    hooks.verdicts.push(verdict)
    if (verdict.status === 'handshake') response.end(JSON.stringify(verdict.answer))
    else response.writeHead(verdict.status === 'genuine' ? 202 : verdict.status === 'undecided' ? 503 : 401).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const hooks: Hooks = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    verdicts: [],
    source: undefined,
    triggers: () =>
      hooks.verdicts.flatMap((verdict) =>
        verdict.status === 'genuine' ? verdict.deliveries.map((one) => hooks.source?.read(one) ?? fail()) : [],
      ),
  }
  return hooks
}

function fail(): never {
  throw new Error('no source')
}

async function listen(sandbox: Sandbox, settings: (origin: string) => WebhookSettings, channels = nobody): Promise<Hooks> {
  onTestFinished(() => sandbox.close())
  const hooks = await startHooks(sandbox.clock.now)
  const sources = await createWebhookSources(settings(hooks.origin), channels)
  expect(sources).toHaveLength(1)
  hooks.source = sources[0]
  return hooks
}

describe('what the sandbox sends', () => {
  it.each([false, true])('as ShipStation is taken, from its own address: %s', async (own) => {
    const client = await startShipStation()
    const endpoint = client.sandbox.origins.shipstation
    const hooks = await listen(client.sandbox, () => ({
      orders: {},
      shipstation: { tokens: [TOKEN], ...(own ? { endpoint } : {}) },
    }))
    await client.createOrders(order('1'))
    const target_url = `${hooks.origin}/webhooks/shipstation/${TOKEN}`
    await client.call('POST', '/webhooks/subscribe', { target_url, event: 'SHIP_NOTIFY' })
    client.act('ship', { order_number: '1', packages: [{ tracking: 'T1' }] })
    await client.sandbox.settle()
    expect(hooks.triggers()).toEqual([{ kind: 'packages', stream: 'shipments', batchId: expect.stringMatching(/^\d+$/) }])
  })

  it.each([
    ['default', 'hex', ''],
    ['raw', 'hex', ''],
    ['form', 'hex', '?rule=1&a=%C3%BC'],
    ['default', 'base64', '?rule=1'],
  ])('as Zoho is taken: %s, signed in %s, with parameters %j', async (form, encoding, query) => {
    const zoho = await startZoho({ items: [{ sku: 'LAMP', item_id: '4815000000000044209', stock: 10 }] })
    const hooks = await listen(zoho.sandbox, () => ({
      orders: {},
      zoho: { secrets: ['Sandbox0Secret12'], keys: [TOKEN], trustBody: true, availableField: 'available_stock', locationIds: [] },
    }))
    const url = `${hooks.origin}/webhooks/zoho${query}`
    zoho.act('webhooks', { hooks: [{ url, secret: 'Sandbox0Secret12', form, encoding, headers: { 'x-isync-key': TOKEN } }] })
    zoho.act('change', { sku: 'LAMP', name: 'Lamp' })
    zoho.act('sales-order', { sku: 'LAMP', quantity: 2 })
    await zoho.sandbox.settle()
    const lamp = { itemId: '4815000000000044209', sku: 'LAMP' }
    const told = { available: expect.stringMatching(/^\d+$/), at: expect.any(Number) }
    expect(hooks.triggers()).toEqual([
      { kind: 'stock', items: [{ ...lamp, told }] },
      { kind: 'stock', items: [lamp] },
    ])
    expect(JSON.stringify(hooks.verdicts)).not.toContain('customer@example.com')
  })

  it('as eBay is taken after the handshake, by the key that it gives out', async () => {
    const ebay = await openEbay()
    const { gate } = testGate('ebay-us', { clock: followingClock(ebay.sandbox.clock.now) })
    const connector = createEbayConnector(gate, ebaySettings(ebay.sandbox.origins.ebay))
    const verification = 'verification-token_0123456789abcdef'
    const hooks = await listen(
      ebay.sandbox,
      (publicUrl) => ({ orders: {}, ebay: { verificationTokens: [verification], publicUrl, channels: ['ebay-us'] } }),
      { ...nobody, ebay: [connector] },
    )
    ebay.act('destination', { url: `${hooks.origin}/webhooks/ebay`, verification_token: verification })
    await ebay.sandbox.settle()
    expect(ebay.books().destinations).toMatchObject([{ status: 'enabled' }])
    ebay.seed({ orders: [{ order_id: '11-00001-00001' }] })
    await ebay.sandbox.settle()
    ebay.act('notify', { topic: 'MARKETPLACE_ACCOUNT_DELETION', order_id: '11-00001-00001' })
    ebay.act('notify', { topic: 'AUTHORIZATION_REVOCATION' })
    await ebay.sandbox.settle()
    expect(hooks.triggers()).toMatchObject([
      { kind: 'orders', orders: [{ channel: 'ebay-us', order: { externalOrderId: '11-00001-00001' } }] },
      { kind: 'erase-buyer', channels: ['ebay-us'], buyer: { username: expect.any(String) } },
      { kind: 'consent-revoked', channels: ['ebay-us'] },
    ])
  })

  it.each(['single', 'sqs', 'lambda'])("as a forwarder of Amazon's queue is taken: %s", async (form) => {
    const amazon = await openAmazon({ rate_limits: 'off', orders: [{ order_id: ID, items: LINES }] })
    const connector = createAmazonConnector(testGate('amazon-us').gate, amazonSettings(amazon.sandbox))
    const hooks = await listen(amazon.sandbox, () => ({ orders: {}, amazon: { keys: [TOKEN] } }), {
      ...nobody,
      amazon: [connector],
    })
    amazon.sandbox.act('amazon', 'forwarder', { url: `${hooks.origin}/webhooks/amazon`, key: TOKEN, form })
    amazon.sandbox.act('amazon', 'set-status', { order_id: ID, status: 'SHIPPED' })
    await amazon.sandbox.settle()
    expect(hooks.triggers()).toMatchObject([
      { kind: 'orders', orders: [{ channel: 'amazon-us', order: { externalOrderId: ID } }] },
    ])
  })
})

describe('the sources', () => {
  it('are those that are configured', async () => {
    const names = async (settings: WebhookSettings) => (await createWebhookSources(settings, nobody)).map(({ name }) => name)
    expect(await names({ orders: {} })).toEqual([])
    expect(
      await names({
        shipstation: { tokens: [TOKEN] },
        zoho: { secrets: ['Sandbox0Secret12'], keys: [], trustBody: false, availableField: 'available_stock', locationIds: [] },
        ebay: { verificationTokens: [TOKEN], channels: [] },
        amazon: { keys: [TOKEN] },
        orders: { 'mirakl-1': [`whsec_${Buffer.alloc(32, 1).toString('base64')}`] },
      }),
    ).toEqual(['shipstation', 'zoho', 'ebay', 'amazon', 'orders'])
  })
})
