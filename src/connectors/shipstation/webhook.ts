import * as z from 'zod'
import type { Trigger } from '../../core/model/trigger.ts'
import type { WebhookRequest, WebhookSource, WebhookVerdict } from '../../core/ports/webhook.ts'
import { isOneOf } from '../http/constant-time.ts'
import { deliveryKey, digestOf, jsonIn, keptBody } from '../http/delivery.ts'

export interface ShipStationWebhookSettings {
  /** Secret last parts of the path: the first is given out, all are accepted. */
  readonly tokens: readonly string[]
  /** Origin that stands in for ShipStation's, e.g. http://127.0.0.1:4601. */
  readonly endpoint?: string
}

/** Longer than any that ShipStation sends (contract section 9). */
const LONGEST_URL = 400
const lists = ['shipments', 'orders', 'fulfillments']
/** Read as text and not as a parsed URL, whose host would depend on who parses it. */
const ownUrl = new RegExp(`^https://ssapi\\d{0,4}\\.shipstation\\.com/(?:${lists.join('|')})(?:\\?([^#\\s\\\\]*))?$`)

/** What each event leads to; the ones that are not here lead to nothing (contract section 9). */
const streams: ReadonlyMap<string, 'shipments' | 'fulfillments'> = new Map([
  ['SHIP_NOTIFY', 'shipments'],
  ['ITEM_SHIP_NOTIFY', 'shipments'],
  ['FULFILLMENT_SHIPPED', 'fulfillments'],
  ['FULFILLMENT_REJECTED', 'fulfillments'],
] as const)

const message = z.object({ resource_url: z.string(), resource_type: z.string().regex(/^[A-Z][A-Z_]{0,59}$/) })
const digits = z.string().regex(/^\d{1,20}$/)
const kept = z.object({ event: z.string(), batch_id: digits.optional() })

/**
 * ShipStation's V1 webhooks carry no signature, so the path is the secret (contract section 9). Of the body only the event and the digits of a
 * batch are taken; the address in it is never called, and has to be ShipStation's all the same.
 */
export function createShipStationWebhook(settings: ShipStationWebhookSettings): WebhookSource {
  const [given = ''] = settings.tokens
  return {
    name: 'shipstation',
    methods: ['POST'],
    types: [],
    refusedStatus: 401,
    paths: () => [{ path: `/webhooks/shipstation/${given}`, for: 'ShipStation: SHIP_NOTIFY and FULFILLMENT_SHIPPED' }],
    verify: async (request) => verdictOn(settings, request),
    read: ({ body }) => read(body),
  }
}

function verdictOn(settings: ShipStationWebhookSettings, { rest, body }: WebhookRequest): WebhookVerdict {
  if (!isOneOf([rest], settings.tokens)) return { status: 'refused', reason: 'signature' }
  const { data } = message.safeParse(jsonIn(body))
  if (data === undefined) return { status: 'refused', reason: 'shape' }
  const { resource_url: url, resource_type: event } = data
  const query = queryOf(settings, url)
  if (query === undefined) return { status: 'refused', reason: 'address' }
  const batch = digits.safeParse(query.get('batchId')).data
  // Both name one import or one press of a button; without them the words are the same for every label.
  const isUnique = batch !== undefined || (query.get('importBatch') ?? '') !== ''
  return {
    status: 'genuine',
    deliveries: [
      {
        key: deliveryKey(digestOf(`${event}\n${url}`)),
        repeated: isUnique ? 'same' : 'anew',
        topic: event,
        body: keptBody({ event, ...(batch === undefined ? {} : { batch_id: batch }) }),
      },
    ],
  }
}

/** The parameters of an address of ShipStation's, or of the configured stand-in; undefined for any other address. */
function queryOf({ endpoint }: ShipStationWebhookSettings, url: string): URLSearchParams | undefined {
  if (url.length > LONGEST_URL) return undefined
  const own = ownUrl.exec(url)
  if (own !== null) return new URLSearchParams(own[1])
  if (endpoint === undefined) return undefined
  const [place = '', query, ...more] = url.split('?')
  const origin = endpoint.replace(/\/+$/, '')
  const isStandIn = lists.some((list) => place === `${origin}/${list}`)
  return isStandIn && more.length === 0 && !/[#\s\\]/.test(query ?? '') ? new URLSearchParams(query) : undefined
}

function read(body: Buffer): Trigger {
  const { data } = kept.safeParse(jsonIn(body))
  if (data === undefined) return { kind: 'unreadable', why: 'not what was kept of a message of ShipStation' }
  const stream = streams.get(data.event)
  if (stream === undefined) return { kind: 'nothing', why: `${data.event} asks for nothing` }
  return { kind: 'packages', stream, ...(data.batch_id === undefined ? {} : { batchId: data.batch_id }) }
}
