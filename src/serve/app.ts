import { createHash, timingSafeEqual } from 'node:crypto'
import type { HttpBindings } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import type { Inbox } from '../core/inbox/keep.ts'
import type { Readiness } from '../core/inbox/readiness.ts'
import type { Clock, Ids, Log } from '../core/ports/system.ts'
import type { Refusal, WebhookRequest, WebhookSource, WebhookSourceName } from '../core/ports/webhook.ts'
import { sharedFor } from './answer-for-a-while.ts'
import { bodyOf } from './body.ts'
import type { Figures } from './figures.ts'
import type { PaceLimit } from './pace.ts'
import { seldom } from './seldom.ts'
import { countedAs, isNear, type SenderOf } from './sender.ts'

/** What the server needs to answer. It knows nothing of vendors, SQL or configuration files. */
export interface Answering {
  readonly sources: readonly WebhookSource[]
  readonly inbox: Inbox
  readonly clock: Clock
  readonly ids: Ids
  readonly log: Log
  readonly pace: PaceLimit
  readonly senderOf: SenderOf
  readonly figures: Figures
  /** Bytes. */
  readonly bodyLimit: number
  /** True: no more deliveries of this sender until there is room. */
  readonly isFull: (source: WebhookSourceName) => boolean
  readonly refused: (source: WebhookSourceName | undefined, reason: Refusal) => void
  /** Something was kept that is to be worked on. */
  readonly kept: () => void
  readonly readiness: () => Promise<Readiness>
  /** Figures of the whole program as Prometheus reads them. */
  readonly allFigures: () => Promise<string>
  /** Of whoever may see more than whether the server lives; undefined: nobody. */
  readonly metricsToken: string | undefined
  readonly signal: AbortSignal
}

type Env = { Bindings: HttpBindings }

/** Requests at work at once; each may hold a body. */
const MOST_AT_ONCE = 512
/** Bodies of one sender that are still on their way: whoever is in no hurry holds no more than these. */
const MOST_ARRIVING = 64
const RETRY_AFTER_S = '30'
const UNNAMED_PROXY =
  'a proxy forwards requests and serve.trusted_proxies does not name it: all senders behind it share one rate limit (docs/deploy.md)'
/** Anybody may ask whether we are ready, and the database is asked for it. */
const READY_FOR_MS = 1_000
/** None of our addresses needs more, and so nothing is left for two readers to read differently: no escape, no dots, no empty part, no other host. */
const PLAIN_TARGET = /^(?:\/(?!\.{1,2}(?:[/?]|$))[\w~.-]+)+\/?(?:\?[^#\\]*)?$/

const statusOf = {
  path: 404,
  method: 405,
  type: 415,
  size: 413,
  rate: 429,
  signature: 401,
  stale: 401,
  address: 400,
  shape: 400,
} as const satisfies Record<Refusal, number>

/** The whole of what is answered. A refusal says nothing but its status. */
export function createApp(on: Answering): Hono<Env> {
  const app = new Hono<Env>({ strict: true })
  const byName = new Map<string, WebhookSource>(on.sources.map((source) => [source.name, source]))
  const log = seldom(on.log, on.clock)
  const readiness = sharedFor(on.clock, READY_FOR_MS, on.readiness)
  const arriving = new Map<string, number>()
  let atWork = 0

  function refuse(
    c: Context<Env>,
    source: WebhookSource | undefined,
    reason: Refusal,
    extra: Record<string, string> = {},
  ): Response {
    on.refused(source?.name, reason)
    on.figures.answered(source?.name, reason)
    const isUnbelieved = reason === 'signature' || reason === 'stale'
    const status = isUnbelieved && source !== undefined ? source.refusedStatus : statusOf[reason]
    return c.body(null, status, { ...extra, ...(reason === 'type' || reason === 'size' ? { connection: 'close' } : {}) })
  }

  function senderOf(c: Context<Env>): string {
    const forwarded = c.req.header('x-forwarded-for')
    const { remoteAddress } = c.env.incoming.socket
    const sender = on.senderOf(remoteAddress, forwarded)
    if (forwarded !== undefined && isNear(sender) && sender === on.senderOf(remoteAddress, undefined))
      log.warn({ step: 'serve', proxy: sender }, UNNAMED_PROXY)
    return countedAs(sender)
  }

  async function arrived(c: Context<Env>): Promise<Buffer | undefined | 'too many'> {
    const sender = senderOf(c)
    const others = arriving.get(sender) ?? 0
    if (others >= MOST_ARRIVING) return 'too many'
    arriving.set(sender, others + 1)
    try {
      return await bodyOf(c.env.incoming, on.bodyLimit)
    } finally {
      const left = (arriving.get(sender) ?? 1) - 1
      if (left === 0) arriving.delete(sender)
      else arriving.set(sender, left)
    }
  }

  function busy(c: Context<Env>, source: WebhookSource): Response {
    on.figures.answered(source.name, 'busy')
    return c.body(null, 503, { 'retry-after': RETRY_AFTER_S })
  }

  app.use(async (c, next) => {
    c.header('x-request-id', on.ids.next())
    c.header('cache-control', 'no-store')
    c.header('x-content-type-options', 'nosniff')
    if (!PLAIN_TARGET.test(c.env.incoming.url ?? '')) return refuse(c, undefined, 'path')
    await next()
    return undefined
  })

  app.get('/healthz', (c) => c.text('ok\n'))

  app.get('/readyz', async (c) => {
    const state = await readiness().catch((error: unknown): Readiness => {
      log.error({ step: 'serve', error: nameOf(error) }, 'the database does not answer')
      return { ready: false, checks: [{ check: 'database', ok: false, detail: 'does not answer' }], last_success_age_s: {} }
    })
    const seen = mayLook(c, on.metricsToken) ? state : { ready: state.ready }
    return c.json(seen, state.ready && !on.signal.aborted ? 200 : 503)
  })

  app.get('/metrics', async (c) => {
    if (on.metricsToken === undefined) return refuse(c, undefined, 'path')
    if (!mayLook(c, on.metricsToken)) return refuse(c, undefined, 'signature', { 'www-authenticate': 'Bearer' })
    return c.text(`${await on.allFigures()}${await on.figures.text()}`, 200, {
      'content-type': 'text/plain; version=0.0.4; charset=utf-8',
    })
  })

  app.use('/webhooks/:source{[a-z]+}/*', async (c, next) => {
    const source = byName.get(c.req.param('source'))
    const sender = senderOf(c)
    const waitMs = on.pace.take(sender, on.clock.now())
    if (waitMs > 0) return refuse(c, source, 'rate', { 'retry-after': String(Math.ceil(waitMs / 1000)) })
    if (source === undefined) return refuse(c, undefined, 'path')
    const { methods } = source
    const isKnown = methods.some((method) => method === c.req.method)
    if (!isKnown) return refuse(c, source, 'method', { allow: methods.join(', ') })
    if (c.req.method === 'POST' && !isOfType(c, source)) return refuse(c, source, 'type')
    if (c.req.method === 'POST' && (on.isFull(source.name) || on.signal.aborted || atWork >= MOST_AT_ONCE)) return busy(c, source)
    atWork += 1
    try {
      await next()
    } finally {
      atWork -= 1
    }
    return undefined
  })

  app.all('/webhooks/:source{[a-z]+}/*', async (c) => {
    const source = byName.get(c.req.param('source'))
    if (source === undefined) return refuse(c, undefined, 'path')
    const body = c.req.method === 'POST' ? await arrived(c) : Buffer.alloc(0)
    if (body === 'too many') return refuse(c, source, 'rate', { 'retry-after': '1', connection: 'close' })
    if (body === undefined) return refuse(c, source, 'size')
    const began = performance.now()
    const verdict = await source.verify(requestOf(c, body, on.clock.now()), on.signal)
    switch (verdict.status) {
      case 'refused':
        return refuse(c, source, verdict.reason)
      case 'undecided':
        log.warn({ step: 'webhooks', provider: source.name, error: verdict.error.message }, 'a request could not be judged')
        return busy(c, source)
      case 'handshake':
        on.figures.answered(source.name, 'handshake')
        return c.json(verdict.answer)
      case 'genuine': {
        const kept = await on.inbox.keep(source.name, verdict.deliveries)
        const isNew = kept.includes('new')
        on.figures.answered(source.name, isNew ? 'kept' : 'repeat', (performance.now() - began) / 1000)
        on.log.debug({ step: 'webhooks', provider: source.name, note: verdict.note, deliveries: kept.length }, 'kept')
        if (kept.some((one) => one !== 'repeat')) on.kept()
        return c.body(null, isNew ? 202 : 200)
      }
    }
  })

  app.notFound((c) => refuse(c as Context<Env>, undefined, 'path'))

  app.onError((error, c) => {
    // Whoever broke off is no fault of ours; everything else means that nothing was kept.
    if (c.env?.incoming?.destroyed === true && !c.env.incoming.complete) return c.body(null, 400)
    log.error({ step: 'serve', error: nameOf(error) }, 'a request failed')
    on.figures.answered(undefined, 'failed')
    return c.body(null, 503, { 'retry-after': RETRY_AFTER_S })
  })

  return app
}

function isOfType(c: Context<Env>, { types }: WebhookSource): boolean {
  // Nobody whom we listen to packs its bodies, and what is packed has no honest size.
  if (!['', 'identity'].includes((c.req.header('content-encoding') ?? '').toLowerCase())) return false
  if (types.length === 0) return true
  const type = (c.req.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  return types.includes(type)
}

function requestOf(c: Context<Env>, body: Buffer, receivedAt: number): WebhookRequest {
  const url = new URL(c.req.url)
  const rest = url.pathname.split('/').slice(3).join('/')
  return { method: c.req.method, rest, query: [...url.searchParams], headers: c.req.header(), body, receivedAt }
}

/** Takes as long for a wrong token as for the right one. */
function mayLook(c: Context<Env>, token: string | undefined): boolean {
  const given = createHash('sha256')
    .update(c.req.header('authorization') ?? '')
    .digest()
  const wanted = createHash('sha256')
    .update(`Bearer ${token ?? ''}`)
    .digest()
  return timingSafeEqual(given, wanted) && token !== undefined
}

/** The kind of an error only: its words may hold what a stranger sent. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error
  return 'code' in error && typeof error.code === 'string' ? `${error.name} ${error.code}` : error.name
}
