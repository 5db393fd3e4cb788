import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import { request } from 'node:https'
import { type AddressInfo, connect, createServer as createPortServer } from 'node:net'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, inject, it, vi } from 'vitest'
import { selfSigned } from '../alerts/certificate.ts'

const conf = readFileSync(resolve(import.meta.dirname, '../../deploy/nginx/isync.conf'), 'utf8')
const token = 'Canary0123456789Canary0123456789'
const hasNginx = spawnSync('nginx', ['-v']).status === 0

interface Seen {
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly bytes: number
}

let upstream: Server
let nginx: ChildProcess
let port: number
let logs: string
const seen: Seen[] = []

/** The example as it stands, but for names of files, ports, and what only a machine of its own has. */
describe.skipIf(!hasNginx)('the example for nginx', () => {
  beforeAll(async () => {
    const folder = mkdtempSync(join(inject('runDir'), 'nginx-'))
    logs = join(folder, 'logs')
    mkdirSync(logs)
    upstream = createServer((incoming, answer) => {
      const parts: Buffer[] = []
      incoming.on('data', (part: Buffer) => parts.push(part))
      incoming.on('end', () => {
        seen.push({ url: incoming.url ?? '', headers: incoming.headers, bytes: Buffer.concat(parts).length })
        answer.writeHead(incoming.url === '/healthz' ? 200 : 202).end()
      })
    })
    const behind = await listening(upstream)
    const [tls, plain] = await freePorts(2)
    port = tls ?? 0
    const { key, cert } = selfSigned('hooks.example.com')
    writeFileSync(join(folder, 'key.pem'), key)
    writeFileSync(join(folder, 'cert.pem'), cert)
    const site = conf
      .replaceAll('/var/log/nginx', logs)
      .replace(/ssl_certificate .*;/, `ssl_certificate ${folder}/cert.pem;`)
      .replace(/ssl_certificate_key .*;/, `ssl_certificate_key ${folder}/key.pem;`)
      .replace('server 127.0.0.1:4680;', `server 127.0.0.1:${behind};`)
      .replace(/^ *listen \[::\].*$/gm, '')
      .replace('listen 443 ssl;', `listen 127.0.0.1:${port} ssl;`)
      .replace('listen 80;', `listen 127.0.0.1:${plain};`)
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path ${folder}/${name};`)
    writeFileSync(
      join(folder, 'nginx.conf'),
      `pid ${folder}/pid;\nerror_log ${logs}/main.log emerg;\nevents {}\nhttp {\n${temporary.join('\n')}\n${site}\n}\n`,
    )
    const words = ['-p', folder, '-c', join(folder, 'nginx.conf')]
    const checked = spawnSync('nginx', [...words, '-t'], { encoding: 'utf8' })
    expect(checked.status, checked.stderr).toBe(0)
    nginx = spawn('nginx', [...words, '-g', 'daemon off;'], { stdio: 'ignore' })
    await reachable(port)
  })

  afterAll(async () => {
    nginx?.kill('SIGTERM')
    if (upstream?.listening) await new Promise((done) => upstream.close(done))
  })

  it('passes a delivery on as it was sent, and says where it came from in its own words', async () => {
    seen.length = 0
    const path = `/webhooks/shipstation/${token}?a=%2Fb&a=c`
    const status = await ask('POST', path, { headers: { 'x-forwarded-for': '203.0.113.9' }, body: 'x'.repeat(200_000) })
    expect(status).toBe(202)
    expect(seen).toMatchObject([{ url: path, bytes: 200_000, headers: { 'x-forwarded-for': '127.0.0.1' } }])
    expect(await ask('GET', '/healthz')).toBe(200)
  })

  it('shows nothing else to the world', async () => {
    seen.length = 0
    const hidden = [
      '/',
      '/metrics',
      '/readyz',
      '/healthz/',
      '/webhooks/../metrics',
      '/webhooks/%2e%2e/metrics',
      '/webhooks/..%2fmetrics',
      '/webhooks',
    ]
    for (const path of hidden) expect(await ask('GET', path), path).toBe(404)
    expect(seen).toEqual([])
  })

  it('takes no body that isync would not read', async () => {
    seen.length = 0
    expect(await ask('POST', `/webhooks/shipstation/${token}`, { body: 'x'.repeat(256 * 1024 + 1) })).toBe(413)
    expect(seen).toEqual([])
  })

  it('writes the secret part of an address into no log: neither of good requests nor of bad ones, nor when isync is away', async () => {
    for (const path of [`//webhooks/shipstation/${token}`, `/%77ebhooks/shipstation/${token}`, `/webhooks/x/${token}/${token}`])
      await ask('POST', path)
    await new Promise((done) => {
      upstream.closeAllConnections()
      upstream.close(done)
    })
    expect(await ask('POST', `/webhooks/shipstation/${token}`, { body: '{}' })).toBe(502)

    const written = () =>
      readdirSync(logs)
        .map((name) => readFileSync(join(logs, name), 'utf8'))
        .join('\n')
    // nginx writes its line after the answer.
    await vi.waitFor(() => expect(written()).toMatch(/POST \/webhooks\/shipstation\/\(hidden\) 502 .*\n/), 5_000)
    expect(written()).toMatch(/POST \/webhooks\/shipstation\/\(hidden\) 202 .*\n/)
    expect(written()).not.toContain(token)
  })
})

function ask(
  method: string,
  path: string,
  { headers = {}, body = '' }: { readonly headers?: Record<string, string>; readonly body?: string } = {},
): Promise<number> {
  const sent = body === '' ? headers : { ...headers, 'content-length': String(body.length) }
  return new Promise((settle, reject) => {
    const asked = request({
      host: '127.0.0.1',
      port,
      path,
      method,
      headers: { host: 'hooks.example.com', ...sent },
      rejectUnauthorized: false,
    })
    asked.on('response', (answer) => {
      answer.resume()
      answer.on('end', () => settle(answer.statusCode ?? 0))
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

function listening(server: Server): Promise<number> {
  return new Promise((settle) => server.listen(0, '127.0.0.1', () => settle((server.address() as AddressInfo).port)))
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createPortServer())
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((settle) => server.listen(0, '127.0.0.1', () => settle((server.address() as AddressInfo).port))),
    ),
  )
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))))
  return ports
}

/** Until somebody listens there. */
async function reachable(port: number): Promise<void> {
  for (;;) {
    const isOpen = await new Promise<boolean>((settle) => {
      const socket = connect(port, '127.0.0.1')
      socket.on('connect', () => {
        socket.destroy()
        settle(true)
      })
      socket.on('error', () => settle(false))
    })
    if (isOpen) return
  }
}
