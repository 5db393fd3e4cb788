import type { Transport, VendorAnswer } from '../../core/ports/gate.ts'
import { fetchTransport } from '../http/fetch.ts'
import { apiOrigin, type EbaySettings, siteIds } from './settings.ts'

/** What goes into the XML of a call: an array is the same element several times. */
export interface Fields {
  // Not readonly: the package's own type is not.
  [name: string]: string | Fields | string[] | Fields[]
}

export interface TradingRequest {
  readonly api: 'trading'
  readonly call: 'GetOrders' | 'CompleteSale' | 'ReviseInventoryStatus' | 'GetMyeBaySelling'
  readonly fields: Fields
}

export interface RestRequest {
  readonly api: 'inventory' | 'fulfillment' | 'analytics'
  readonly method: 'get' | 'post'
  /** After the API's own base path, e.g. `/order`. */
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: object
}

/** Totals contain the sales tax from 1307 on (contract section 2.7). */
const COMPATIBILITY_LEVEL = '1423'
/** All that the package is told of our token. It prints what it knows under DEBUG, and puts it into its errors. */
const NO_TOKEN = 'kept by isync'

/** Headers of the package's that go out; the others are its own inventions, or secrets that no call needs. */
const passed = new Set([
  'content-type',
  'content-language',
  'accept-language',
  'x-ebay-c-marketplace-id',
  'x-ebay-api-call-name',
  'x-ebay-api-siteid',
])

type Sdk = typeof import('ebay-api')

/** Loading the package takes 100 ms or more, so only a run that talks to eBay pays for it. */
export async function loadSdk(): Promise<Sdk> {
  return import('ebay-api')
}

/**
 * One request, put together by the package and sent by us. Everything else of it stays unused: it would mint tokens by itself, read
 * 1E5 as a number, keep one of several errors, and call a throttle a refusal (contract section 11). It is given no secret: the token goes
 * into the request behind its back.
 */
export function sdkTransport(sdk: Sdk, settings: EbaySettings, token: string, request: TradingRequest | RestRequest): Transport {
  return async (signal) => {
    let answer: VendorAnswer | undefined
    const ebay = new sdk.eBayApi({
      appId: 'isync',
      certId: '',
      sandbox: settings.sandbox,
      autoRefreshToken: false,
      siteId: siteIds[settings.site],
      marketplaceId: settings.site,
      axiosConfig: {
        adapter: async (config) => {
          const { pathname } = new URL(config.url ?? '')
          const query = new URLSearchParams(config.params).toString()
          const own = Object.entries(config.headers.toJSON()).flatMap(([name, value]) => {
            const known = passed.has(name.toLowerCase()) && value !== null && value !== undefined
            return known ? [[name.toLowerCase(), String(value)] as const] : []
          })
          const send = fetchTransport({
            url: `${apiOrigin(settings)}${pathname}${query === '' ? '' : `?${query}`}`,
            method: (config.method ?? 'get').toUpperCase(),
            headers: { ...Object.fromEntries(own), ...tokenHeaders(request.api, token) },
            ...(typeof config.data === 'string' ? { body: config.data } : {}),
          })
          answer = await send(signal)
          return { data: '', status: 200, statusText: '', headers: {}, config }
        },
      },
    })
    ebay.OAuth2.setCredentials({
      access_token: NO_TOKEN,
      expires_in: 0,
      token_type: '',
      refresh_token: '',
      refresh_token_expires_in: 0,
    })
    await composed(ebay, request)
    if (answer === undefined) throw new Error(`ebay-api sent nothing for ${operationOf(request)}`)
    return answer
  }
}

function composed(ebay: InstanceType<Sdk['eBayApi']>, request: TradingRequest | RestRequest): Promise<unknown> {
  if (request.api === 'trading') return ebay.trading[request.call](request.fields, { returnResponse: true })
  const { method, path, query = {}, body } = request
  const room = {
    inventory: () => ebay.sell.inventory,
    fulfillment: () => ebay.sell.fulfillment,
    analytics: () => ebay.developer.analytics,
  }
    [request.api]()
    .api({ returnResponse: true })
  return method === 'get' ? room.get(path, { params: query }) : room.post(path, body, { params: query })
}

function tokenHeaders(api: string, token: string): Readonly<Record<string, string>> {
  if (api !== 'trading') return { authorization: `Bearer ${token}`, accept: 'application/json' }
  return { 'x-ebay-api-iaf-token': token, 'x-ebay-api-compatibility-level': COMPATIBILITY_LEVEL }
}

/** The vendor's own name of the call: `GetOrders`, `fulfillment/order`. */
export function operationOf(request: TradingRequest | RestRequest): string {
  if (request.api === 'trading') return request.call
  const [, first = '', , third] = request.path.split('/')
  return `${request.api}/${third ?? first}`
}
