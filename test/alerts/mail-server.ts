import { once } from 'node:events'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'
import { onTestFinished } from 'vitest'

/** What a mail server received. */
export interface Mail {
  readonly from: string
  readonly to: readonly string[]
  readonly user: string | undefined
  readonly secure: boolean
  /** Names lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  readonly html: string
  readonly raw: string
}

export interface MailServer {
  readonly port: number
  readonly mails: readonly Mail[]
  /** What the server says to the next messages, the first of them first: an SMTP code, or `hang` for taking it and saying nothing. */
  readonly moods: (number | 'hang')[]
  /** Addresses that it does not know. */
  readonly unknown: Set<string>
  stop(): Promise<void>
}

/** A real SMTP server on this machine, for one test. */
export async function startMailServer(options: SMTPServerOptions = {}, port = 0): Promise<MailServer> {
  const mails: Mail[] = []
  const moods: (number | 'hang')[] = []
  const unknown = new Set<string>()
  const server = new SMTPServer({
    disabledCommands: options.secure === true || options.key !== undefined ? [] : ['STARTTLS'],
    authOptional: true,
    logger: false,
    onAuth: ({ username, password }, _session, done) => {
      if (password === 'right-password') done(null, { user: username })
      else done(new Error('535 5.7.8 Authentication failed'))
    },
    onRcptTo({ address }, _session, done) {
      done(unknown.has(address) ? refusal(550, 'no such user') : undefined)
    },
    onData(stream, session, done) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        const mood = moods.shift()
        if (typeof mood === 'number') {
          done(refusal(mood, 'not now'))
          return
        }
        const { mailFrom, rcptTo } = session.envelope
        const from = mailFrom === false ? '' : mailFrom.address
        const to = rcptTo.map(({ address }) => address)
        const user = typeof session.user === 'string' ? session.user : undefined
        mails.push({ from, to, user, secure: session.secure, ...partsOf(Buffer.concat(chunks).toString('latin1')) })
        if (mood === undefined) done(null)
      })
    },
    ...options,
  })
  server.on('error', () => undefined)
  server.listen(port, '127.0.0.1')
  await once(server.server, 'listening')
  const address = server.server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  let stopped = false
  async function stop(): Promise<void> {
    if (stopped) return
    stopped = true
    await new Promise<void>((settle) => server.close(() => settle()))
  }
  onTestFinished(stop)
  return { port: address.port, mails, moods, unknown, stop }
}

function refusal(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode })
}

function partsOf(raw: string): Pick<Mail, 'headers' | 'text' | 'html' | 'raw'> {
  const [head = '', body = ''] = cut(raw)
  const headers = headersOf(head)
  const boundary = /boundary="([^"]+)"/.exec(headers['content-type'] ?? '')?.[1]
  if (boundary === undefined) return { headers, text: decoded(headers, body), html: '', raw }
  const parts = body.split(`--${boundary}`).map((part) => {
    const [partHead = '', partBody = ''] = cut(part.replace(/^\r\n/, ''))
    return { headers: headersOf(partHead), body: partBody }
  })
  const part = (type: string) => parts.find((one) => one.headers['content-type']?.startsWith(type))
  const [text, html] = [part('text/plain'), part('text/html')].map((one) =>
    one === undefined ? '' : decoded(one.headers, one.body),
  )
  return { headers, text: text ?? '', html: html ?? '', raw }
}

function cut(text: string): readonly string[] {
  const at = text.indexOf('\r\n\r\n')
  return [text.slice(0, at), text.slice(at + 4)]
}

function headersOf(head: string): Record<string, string> {
  const unfolded = head.replace(/\r\n[ \t]+/g, ' ')
  return Object.fromEntries(
    unfolded.split('\r\n').flatMap((line) => {
      const colon = line.indexOf(':')
      return colon < 0 ? [] : [[line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]]
    }),
  )
}

function decoded(headers: Readonly<Record<string, string>>, body: string): string {
  const encoding = headers['content-transfer-encoding'] ?? '7bit'
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8')
  if (encoding !== 'quoted-printable') return Buffer.from(body, 'latin1').toString('utf8').trimEnd()
  const bytes = body
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8').trimEnd()
}
