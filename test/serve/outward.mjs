// Loaded into a program before it starts (--import): writes down every address that it connects to and every name that it looks up, one JSON
// document a line, into the file ISYNC_TEST_OUTWARD. What it does is not changed.
import childProcess from 'node:child_process'
import dgram from 'node:dgram'
import dns from 'node:dns'
import { appendFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'

const file = process.env['ISYNC_TEST_OUTWARD'] ?? ''

function note(entry) {
  appendFileSync(file, `${JSON.stringify(entry)}\n`)
}

const { connect } = net.Socket.prototype
net.Socket.prototype.connect = function (...given) {
  // Node hands on what it has read of the arguments as a list of its own.
  const first = Array.isArray(given[0]) ? given[0][0] : given[0]
  const target =
    typeof first === 'object' ? first : Number.isInteger(Number(first)) ? { port: first, host: given[1] } : { path: first }
  note(target.path === undefined ? { to: `${target.host ?? 'localhost'}:${target.port}` } : { to: `unix:${target.path}` })
  return connect.apply(this, given)
}

for (const api of [dns, dns.promises, dns.Resolver.prototype, dns.promises.Resolver.prototype]) {
  for (const name of Object.getOwnPropertyNames(api).filter((one) => /^(lookup|resolve|reverse)/.test(one))) {
    const own = api[name]
    if (typeof own !== 'function') continue
    api[name] = function (...given) {
      note({ name: String(given[0]) })
      return own.apply(this, given)
    }
  }
}

const { send } = dgram.Socket.prototype
dgram.Socket.prototype.send = function (...given) {
  note({ to: 'udp' })
  return send.apply(this, given)
}

for (const name of ['spawn', 'spawnSync', 'execFile', 'execFileSync', 'exec', 'execSync', 'fork']) {
  const own = childProcess[name]
  childProcess[name] = function (...given) {
    note({ program: String(given[0]) })
    return own.apply(this, given)
  }
}

syncBuiltinESMExports()
note({ watches: process.pid })
