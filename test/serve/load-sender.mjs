// Sends webhooks as a process of its own, at the moments it is told, whatever the answers take: a receiver that stalls is measured by what it
// kept waiting. stdin: {"n","at","path","headers","body"} a line, `at` in ms from the start, absent: now. stdout: {"n","status","ms","tries"} a
// line: the status that ended it, and the time from the planned moment to the first answer. What is refused for a while, or not answered, is sent
// again. Ends when stdin has ended and everything is answered.
import { Agent, request } from 'node:http'
import { createInterface } from 'node:readline'

const [, , port, giveUpMs] = process.argv
const agent = new Agent({ keepAlive: true, maxSockets: 128 })
const started = performance.now()
const AGAIN_MS = 150
/** In the order of their times. */
const planned = []
let next = 0
let underWay = 0
let isOver = false

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const one = { ...JSON.parse(line), tries: 0 }
    if (one.at !== undefined) {
      planned.push(one)
      return
    }
    send({ ...one, at: performance.now() - started })
  })
  .on('close', () => {
    isOver = true
  })

const timer = setInterval(() => {
  while (next < planned.length && planned[next].at <= performance.now() - started) {
    send(planned[next])
    next += 1
  }
  if (!isOver || next < planned.length || underWay > 0) return
  clearInterval(timer)
  agent.destroy()
}, 2)

function send(one) {
  underWay += 1
  one.tries += 1
  one.sent ??= performance.now() - started
  const body = Buffer.from(one.body)
  const headers = { 'content-type': 'application/json', 'content-length': body.length, ...one.headers }
  const call = request({ host: '127.0.0.1', port, method: 'POST', path: one.path, headers, agent, timeout: 15_000 }, (answer) => {
    answer.resume()
    answer.once('end', () => settle(one, answer.statusCode))
    answer.once('error', () => settle(one, 0))
  })
  call.once('timeout', () => call.destroy(new Error('no answer')))
  call.once('error', () => settle(one, 0))
  call.end(body)
}

function settle(one, status) {
  if (one.isSettled === one.tries) return
  one.isSettled = one.tries
  underWay -= 1
  const now = performance.now() - started
  one.ms ??= now - one.at
  const isForLater = status === 0 || status === 503 || status === 429
  if (isForLater && now - one.at < Number(giveUpMs)) {
    underWay += 1
    setTimeout(() => {
      underWay -= 1
      send(one)
    }, AGAIN_MS)
    return
  }
  const { n, ms, tries, sent, at } = one
  process.stdout.write(`${JSON.stringify({ n, status, ms: round(ms), tries, late: round(sent - at), at: round(at) })}\n`)
}

function round(ms) {
  return Math.round(ms * 100) / 100
}
