import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createNotifiers } from '../../src/connectors/notify/index.ts'
import type { Message } from '../../src/core/ports/notifier.ts'
import { createClock } from '../../src/sandbox/clock.ts'
import { freshFolder, isync } from '../commands/program.ts'
import { aClock, MINUTE } from '../world/a-clock.ts'
import { testGate } from '../world/gate.ts'
import { type Certificate, selfSigned } from './certificate.ts'
import { type MailServer, startMailServer } from './mail-server.ts'
import { startWebServer } from './web-server.ts'

const PASSWORD = 'right-password'
const message: Message = { id: 'notice-1', subject: 'a subject', text: 'a text', createdAt: 0 }

type Security = 'starttls' | 'tls' | 'none'

interface OverheardServer extends MailServer {
  /** Every line that the server understood, decrypted. */
  readonly lines: readonly string[]
}

interface Offered {
  readonly certificate?: Certificate
  readonly security: Security
}

/** A mail server that keeps a record of what is said to it. */
async function listeningServer({ certificate, security }: Offered): Promise<OverheardServer> {
  const lines: string[] = []
  const keep = (_entry: object, format: string, ...values: readonly unknown[]) =>
    void lines.push([format, ...values.map(String)].join(' '))
  const logger = { level: () => undefined, trace: keep, debug: keep, info: keep, warn: keep, error: keep, fatal: keep }
  const server = await startMailServer({ secure: security === 'tls', logger: logger as never, ...certificate })
  return Object.assign(server, { lines })
}

/** What became of one mail; the reason where it did not leave. */
async function sendTo(server: MailServer, security: Security): Promise<string> {
  const clock = aClock()
  const email = {
    ...{ host: 'localhost', port: server.port, security, user: 'isync', password: PASSWORD, timeoutMs: 5_000 },
    ...{ from: 'isync@seller.example', to: ['ops@seller.example'] },
  }
  const [notifier] = await createNotifiers((medium) => testGate(medium, { clock }).gate, { email })
  return (
    notifier?.send(message, { signal: new AbortController().signal }).then(
      ({ answer }) => answer,
      (error: Error) => `${error.name} ${error.message}`,
    ) ?? 'no notifier'
  )
}

/** The password in the forms in which a client says it. */
const said = new RegExp([PASSWORD, btoa(PASSWORD), btoa(`\0isync\0${PASSWORD}`)].map((form) => form.replace(/=+$/, '')).join('|'))

describe('mail to a server that cannot be trusted', () => {
  it('is what the record is good for: a login without encryption stands in it', async () => {
    const server = await listeningServer({ security: 'none' })
    expect(await sendTo(server, 'none')).toMatch(/^250/)
    expect(server.lines.join('\n')).toMatch(/C: AUTH PLAIN/)
    expect(server.mails).toMatchObject([{ user: 'isync', secure: false }])
  })

  it('does not leave where encryption is demanded and not offered, and no login is tried', async () => {
    const server = await listeningServer({ security: 'none' })
    expect(await sendTo(server, 'starttls')).toMatch(/^AuthError email message: .*no STARTTLS, which is demanded/)
    const record = server.lines.join('\n')
    expect(record).toMatch(/EHLO/)
    expect(record).not.toMatch(/C: (AUTH|MAIL FROM)/)
    expect(record).not.toMatch(said)
    expect(server.mails).toEqual([])
  })

  it.each(['starttls', 'tls'] as const)('does not leave where nobody vouches for the certificate, by %s', async (security) => {
    const server = await listeningServer({ security, certificate: selfSigned('localhost') })
    expect(await sendTo(server, security)).toMatch(/DEPTH_ZERO_SELF_SIGNED_CERT/)
    expect(server.lines.join('\n')).not.toMatch(/C: (AUTH|MAIL FROM)/)
    expect(server.mails).toEqual([])
  })

  it('does not leave where the certificate is over', async () => {
    // Without a certificate of its own the server shows the one that comes with it, and that is from long ago.
    const server = await startMailServer({ secure: true })
    expect(await sendTo(server, 'tls')).toMatch(/CERT_HAS_EXPIRED/)
    expect(server.mails).toEqual([])
  })
})

describe('an operator with a mail server of the house', () => {
  it.each(['starttls', 'tls'] as const)(
    'gets mail by %s once its certificate is known, and not for another host',
    async (way) => {
      const certificate = selfSigned('localhost')
      const server = await listeningServer({ security: way, certificate })
      const { folder, env } = await aSeller(server, way, certificate)
      const sent = await isync(folder, ['alerts:test', '--json'], env)
      expect(JSON.parse(sent.stdout).media).toMatchObject([{ medium: 'email', ok: true, answer: expect.stringMatching(/^250/) }])
      expect(server.mails).toMatchObject([{ user: 'isync', secure: true }])

      const other = selfSigned('mail.elsewhere.example')
      const impostor = await listeningServer({ security: way, certificate: other })
      const misled = await aSeller(impostor, way, other)
      const refused = await isync(misled.folder, ['alerts:test', '--json'], misled.env)
      expect(JSON.parse(refused.stdout).media).toMatchObject([
        { ok: false, answer: expect.stringMatching(/ERR_TLS_CERT_ALTNAME_INVALID/) },
      ])
      expect(impostor.lines.join('\n')).not.toMatch(/C: AUTH/)
    },
  )

  it('whose certificate is not known sees the reason and the next command, and gets the mail once it is', async () => {
    const certificate = selfSigned('localhost')
    const server = await listeningServer({ security: 'starttls', certificate })
    const { folder, env, clock } = await aSeller(server, 'starttls', certificate)
    const { NODE_EXTRA_CA_CERTS: _known, ...without } = env
    await isync(folder, ['orders:pull'], without)
    clock.advance(20 * MINUTE)
    expect((await isync(folder, ['alerts:check'], without)).code).toBe(3)
    const { alerts } = JSON.parse((await isync(folder, ['alerts', '--json'], without)).stdout)
    expect(alerts).toContainEqual(
      expect.objectContaining({
        rule: 'notify-failed',
        channel: 'email',
        message: expect.stringContaining('DEPTH_ZERO_SELF_SIGNED_CERT'),
        next: 'isync alerts:test --medium email',
      }),
    )
    expect(server.mails).toEqual([])
    clock.advance(20 * MINUTE)
    expect((await isync(folder, ['alerts:check'], env)).code).toBe(0)
    expect(server.mails[0]).toMatchObject({ secure: true, to: ['ops@seller.example'] })
  })
})

/** A seller whose only channel is down, which is told at once by an encrypted mail. `env` knows the certificate. */
async function aSeller(server: MailServer, security: Security, { cert }: Certificate) {
  const folder = freshFolder('encryption')
  const { origin } = await startWebServer(() => ({ status: 503, body: 'maintenance' }))
  const clockFile = join(folder, 'clock.json')
  const clock = createClock({ file: clockFile, scale: 1 })
  const env = {
    ...{ KEYS: `k1:${Buffer.alloc(32, 7).toString('base64')}`, MACYS_KEY: 'made-up-macys', SS_KEY: 'made-up-key' },
    ...{ SS_SECRET: 'made-up-secret', MAIL_PASSWORD: PASSWORD, NODE_ENV: 'test' },
    ...{ ISYNC_CLOCK_FILE: clockFile, NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') },
  }
  writeFileSync(join(folder, 'ca.pem'), cert)
  writeFileSync(
    join(folder, 'isync.config.yaml'),
    `database: sqlite:./isync.db
encryption_keys: \${KEYS}
shipstation: { api_key: \${SS_KEY}, api_secret: \${SS_SECRET}, endpoint: "${origin}" }
channels:
  mirakl-macys: { type: mirakl, base_url: "${origin}", endpoint: "${origin}", shop_id: 2001, shipstation_store_id: 103, credentials: { api_key: \${MACYS_KEY} } }
alerts:
  down_after: 1
  email: { host: localhost, port: ${server.port}, security: ${security}, user: isync, password: \${MAIL_PASSWORD}, from: isync@seller.example, to: [ops@seller.example], timeout: 5s }
`,
  )
  expect((await isync(folder, ['db:migrate'], env)).code).toBe(0)
  return { folder, env, clock }
}
