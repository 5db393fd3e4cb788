import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { createShipStationConnector } from '../../src/connectors/shipstation/connector.ts'
import { testGate } from '../world/gate.ts'
import type { Exchange } from './check.ts'
import { openHeardWorld } from './heard-world.ts'

const top = `serve: { public_url: 'http://127.0.0.1:4680' }
webhooks: { shipstation: { token: '\${SS_HOOK_TOKEN}' } }
`

/** ShipStation's webhooks are made, listed and deleted, and the batch of labels that one of them names is read. Returns what went over the wire. */
export async function playWebhooks(): Promise<readonly Exchange[]> {
  const world = await openHeardWorld({ config: { top } })
  const { sandbox, good, heard } = world
  appendFileSync(join(world.folder, '.env'), `SS_HOOK_TOKEN=${'t'.repeat(40)}\n`)
  try {
    await good('webhooks:subscribe')
    sandbox.act('shipstation', 'label-without-order', { tracking: '9400000000000000000011' })
    await good('webhooks:list')
    const { notifications } = sandbox.books('shipstation') as { notifications: readonly { body: { resource_url: string } }[] }
    const batchId = new URL(notifications[0]?.body.resource_url ?? '').searchParams.get('batchId') ?? ''
    const { gate } = testGate('shipstation', { clock: { ...world.clock, sleep: async () => undefined } })
    const { shipstation: endpoint } = sandbox.origins
    const connector = createShipStationConnector(gate, { apiKey: 'sandbox-key', apiSecret: 'sandbox-secret', endpoint, tags: {} })
    const stop = new AbortController().signal
    for await (const labels of connector.listShipmentsOfBatch(batchId, stop))
      if (labels.length !== 1) throw new Error(`a batch of ${labels.length} labels instead of one`)
    await good('webhooks:unsubscribe', '--all', '--yes')
    return heard()
  } finally {
    await world.close()
  }
}
