import { fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { join } from 'node:path'
import { startWorld } from './world.mjs'

/** The kernel's clock ticks of a second, in which it counts processor time. */
const TICKS = 100
const PAGE_BYTES = 4096
const secret = randomBytes(32).toString('base64')
export const token = randomBytes(24).toString('base64url')

/** A world with every sender's section, whose server listens at `port`. */
export async function serveWorld(options = {}) {
  const port = await freePort()
  const hooks = {
    HOOK_SHIPSTATION: token,
    HOOK_ZOHO: randomBytes(16).toString('hex'),
    HOOK_EBAY: randomBytes(24).toString('hex'),
    HOOK_AMAZON: randomBytes(24).toString('base64url'),
    HOOK_ORDERS: `whsec_${secret}`,
  }
  const sections = `serve: { port: ${port}, public_url: "http://127.0.0.1:${port}", rate_limit_per_minute: 10000000, max_backlog: 10000000 }
webhooks:
  shipstation: { token: '\${HOOK_SHIPSTATION}' }
  zoho: { secret: '\${HOOK_ZOHO}' }
  ebay: { verification_token: '\${HOOK_EBAY}' }
  amazon: { key: '\${HOOK_AMAZON}' }
  orders: { mirakl-macys: '\${HOOK_ORDERS}' }
`
  const world = await startWorld({ channels: ['amazon', 'mirakl', 'ebay'], stock: true, ...options, sections, env: hooks })
  return { ...world, port }
}

/** Starts `isync serve` and waits until it answers: the process, and the milliseconds from its start to that. */
export async function startServe(world) {
  const begin = performance.now()
  const child = world.start(['serve'])
  const stop = async () => {
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    const [code] = await ended
    if (code !== 0) throw new Error(`isync serve ended with ${code}`)
  }
  while (!(await answers(world.port))) {
    if (child.exitCode !== null) throw new Error(`isync serve ended with ${child.exitCode}`)
    await passed(2)
  }
  return { child, stop, readyMs: performance.now() - begin }
}

/** The least that a server is: {@link bare-server.mjs}. `file`: its database. */
export async function startBare(file) {
  const child = fork(join(import.meta.dirname, 'bare-server.mjs'), file === undefined ? [] : [file], { execArgv: [] })
  const [{ port }] = await once(child, 'message')
  return { child, port, stop: async () => void child.kill('SIGKILL') }
}

/** Accepted requests a second, 32 at once for so many milliseconds. */
export async function acceptedPerSecond(port, lastsMs) {
  const words = [String(port), '/webhooks/orders/mirakl-macys', secret, '32', String(lastsMs)]
  const child = fork(join(import.meta.dirname, 'closed-loop.mjs'), words, { execArgv: [] })
  const [{ accepted, others, ms }] = await once(child, 'message')
  if (others > 0) throw new Error(`${others} of ${others + accepted} were answered with something else than 202`)
  return accepted / (ms / 1000)
}

/** Megabytes that a process holds. */
export function heldMb(pid) {
  return (Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * PAGE_BYTES) / 1024 ** 2
}

/** Milliseconds of processor time that a process has used. */
export function usedMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
  return ((Number(fields[11]) + Number(fields[12])) / TICKS) * 1000
}

export function passed(ms) {
  return new Promise((done) => setTimeout(done, ms))
}

function answers(port) {
  return new Promise((settle) => {
    const asking = request({ host: '127.0.0.1', port, path: '/healthz' }, (response) => {
      response.resume()
      settle(response.statusCode === 200)
    })
    asking.on('error', () => settle(false))
    asking.end()
  })
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}
