import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { createOrdersWebhook } from '../../src/connectors/generic/webhook.ts'
import type { WebhookVerdict } from '../../src/core/ports/webhook.ts'
import { startWebServer } from '../alerts/web-server.ts'
import { aRequest, signal } from './webhook-world.ts'

const run = promisify(execFile)
const SECRET = Buffer.alloc(32, 7).toString('base64')

/** The page's own example, word for word. */
function example(): string {
  const page = readFileSync(resolve(import.meta.dirname, '../../docs/webhooks.md'), 'utf8')
  const script = /^```sh\n([\s\S]*?)^```/m.exec(page)?.[1]
  if (script === undefined) throw new Error('docs/webhooks.md shows no script')
  return script
}

describe('the script of docs/webhooks.md', () => {
  it.each([
    ['with the secret', 'genuine', SECRET],
    ['with another secret', 'refused', Buffer.alloc(32, 8).toString('base64')],
  ])('%s: %s', async (_, status, secret) => {
    const source = createOrdersWebhook({ 'mirakl-macys': [`whsec_${SECRET}`] })
    const verdicts: WebhookVerdict[] = []
    const server = await startWebServer(() => ({ status: 202, body: '' }))
    const { stdout } = await run('bash', ['-euo', 'pipefail', '-c', example()], {
      env: { PATH: process.env['PATH'], ISYNC_URL: server.origin, MACYS_PUSH_WHSEC: `whsec_${secret}` },
    })
    expect(stdout).toBe('202\n')
    for (const { path, headers, body } of server.heard) {
      const rest = path.replace('/webhooks/orders/', '')
      verdicts.push(await source.verify(aRequest({ rest, headers, body, receivedAt: Date.now() }), signal))
    }
    expect(verdicts).toMatchObject([{ status }])
    const [verdict] = verdicts
    if (verdict?.status !== 'genuine') return
    expect(verdict.deliveries.map((delivery) => source.read(delivery))).toEqual([
      {
        kind: 'orders',
        orders: ['WEB-1001-A', 'WEB-1002-A'].map((externalOrderId) => ({ channel: 'mirakl-macys', order: { externalOrderId } })),
      },
    ])
  })
})
