import { type Heard, type Reply, startWebServer, type WebServer } from './web-server.ts'

export const ACCOUNT_SID = `AC${'0a'.repeat(16)}`
export const API_KEY_SID = `SK${'0b'.repeat(16)}`
export const TOKEN = 'made-up-token-of-twilio'

interface Sms {
  readonly sid: string
  readonly to: string
  readonly from: string | null
  readonly service: string | null
  readonly body: string
  readonly at: number
}

/**
 * - `down`, `busy`, `login`, `unknown-number`: refused, and not sent
 * - `cut`: taken, and the connection breaks before the answer
 */
export type Mood = 'down' | 'busy' | 'login' | 'unknown-number' | 'cut' | 'nonsense'

export interface Twilio extends WebServer {
  readonly sent: readonly Sms[]
  /** How it takes the next requests that send, the first of them first. */
  readonly moods: Mood[]
}

/** Twilio's messages as its published model has them. */
export async function startTwilio(now: () => number): Promise<Twilio> {
  const sent: Sms[] = []
  const moods: Mood[] = []
  const path = `/2010-04-01/Accounts/${ACCOUNT_SID}/Messages.json`

  function answer(heard: Heard): Reply | undefined {
    if (heard.path !== path) return problem(404, 20404, 'The requested resource was not found')
    const login = Buffer.from((heard.headers['authorization'] ?? '').replace('Basic ', ''), 'base64').toString()
    if (![`${ACCOUNT_SID}:${TOKEN}`, `${API_KEY_SID}:${TOKEN}`].includes(login)) return problem(401, 20003, 'Authenticate')
    return heard.method === 'GET' ? list(heard.query) : create(new URLSearchParams(heard.body))
  }

  function create(form: URLSearchParams): Reply | undefined {
    const mood = moods.shift()
    const refused = mood === undefined ? undefined : refusals[mood]
    if (refused !== undefined) return refused
    const to = form.get('To')
    const body = form.get('Body')
    if (to === null) return problem(400, 21604, "A 'To' phone number is required.")
    if (body === null) return problem(400, 21602, 'Message body is required.')
    const sid = `SM${String(sent.length + 1).padStart(32, '0')}`
    const sms = { sid, to, from: form.get('From'), service: form.get('MessagingServiceSid'), body, at: now() }
    sent.push(sms)
    return mood === 'cut' ? undefined : json(201, wireOf(sms))
  }

  function list(query: URLSearchParams): Reply {
    const size = Number(query.get('PageSize') ?? '50')
    const found = sent.filter(({ to }) => (query.get('To') ?? to) === to).toReversed()
    return json(200, {
      end: found.length,
      first_page_uri: `${path}?PageSize=${size}&Page=0`,
      next_page_uri: null,
      page: 0,
      page_size: size,
      previous_page_uri: null,
      start: 0,
      uri: `${path}?PageSize=${size}&Page=0`,
      messages: found.slice(0, size).map(wireOf),
    })
  }

  return Object.assign(await startWebServer(answer), { sent, moods })
}

const refusals: Readonly<Partial<Record<Mood, Reply>>> = {
  down: problem(500, 20500, 'An internal server error has occurred'),
  busy: problem(429, 20429, 'Too Many Requests'),
  login: problem(401, 20003, 'Authenticate'),
  'unknown-number': problem(400, 21211, "The 'To' number +15550000000 is not a valid phone number."),
  nonsense: { status: 201, body: '<html>welcome to the hotel</html>' },
}

function wireOf({ sid, to, from, service, body, at }: Sms): Readonly<Record<string, unknown>> {
  const uri = `/2010-04-01/Accounts/${ACCOUNT_SID}/Messages/${sid}`
  const date = new Date(at).toUTCString().replace('GMT', '+0000')
  return {
    account_sid: ACCOUNT_SID,
    api_version: '2010-04-01',
    body,
    date_created: date,
    date_sent: null,
    date_updated: date,
    direction: 'outbound-api',
    error_code: null,
    error_message: null,
    from,
    messaging_service_sid: service,
    num_media: '0',
    num_segments: service === null ? '1' : '0',
    price: null,
    price_unit: 'USD',
    sid,
    status: service === null ? 'queued' : 'accepted',
    subresource_uris: { media: `${uri}/Media.json` },
    to,
    uri: `${uri}.json`,
  }
}

function problem(status: number, code: number, message: string): Reply {
  return json(status, { code, message, more_info: `https://www.twilio.com/docs/errors/${code}`, status })
}

function json(status: number, body: object): Reply {
  return { status, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}
