// A process of its own that sends pushes of an order's number, signed as Standard Webhooks 1.0 has it: so many at once, each answer followed by the
// next request, for so long. Says `{ accepted, others, ms }`.
import { createHmac } from 'node:crypto'
import { Agent, request } from 'node:http'

const [port, path, secret, atOnce, lastsMs] = process.argv.slice(2)
const agent = new Agent({ keepAlive: true, maxSockets: Number(atOnce) })
const key = Buffer.from(secret, 'base64')
const body = JSON.stringify({ order_id: 'NOBODY-HAS-IT' })
const round = process.pid.toString(36)
let sent = 0
let accepted = 0
let others = 0

const began = performance.now()
await Promise.all(Array.from({ length: Number(atOnce) }, sendOnAndOn))
process.send({ accepted, others, ms: performance.now() - began })
process.disconnect()

async function sendOnAndOn() {
  while (performance.now() - began < Number(lastsMs)) {
    if ((await send()) === 202) accepted += 1
    else others += 1
  }
}

function send() {
  sent += 1
  const id = `msg_${round}_${sent}`
  const timestamp = String(Math.floor(Date.now() / 1000))
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
  const headers = {
    'content-type': 'application/json',
    'content-length': body.length,
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
  }
  return new Promise((settle, reject) => {
    const sending = request({ host: '127.0.0.1', port, path, method: 'POST', agent, headers }, (response) => {
      response.resume()
      response.on('end', () => settle(response.statusCode))
    })
    sending.on('error', reject)
    sending.end(body)
  })
}
