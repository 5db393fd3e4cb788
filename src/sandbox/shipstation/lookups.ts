import type { SandboxReply } from '../stand-in.ts'
import type { Store } from './defaults.ts'
import { dateTimeShort } from './los-angeles.ts'
import { listQuery } from './paging.ts'
import { ok, refused } from './replies.ts'
import type { State } from './state.ts'

export const WEBHOOK_EVENTS: readonly string[] = [
  'ORDER_NOTIFY',
  'ITEM_ORDER_NOTIFY',
  'SHIP_NOTIFY',
  'ITEM_SHIP_NOTIFY',
  'FULFILLMENT_SHIPPED',
  'FULFILLMENT_REJECTED',
]

/** GET /stores: a bare array (contract section 6). */
export function listStores(state: State, parameters: URLSearchParams): SandboxReply {
  const query = listQuery(parameters)
  const all = query.flag('showInactive')
  const marketplaceId = query.number('marketplaceId')
  const found = state.stores.filter(
    (store) => (all || store.active) && (marketplaceId ?? store.marketplaceId) === store.marketplaceId,
  )
  return ok(found.map(storeReply))
}

/** GET /stores/{id} */
export function getStore(state: State, id: number): SandboxReply {
  const store = state.stores.find(({ storeId }) => storeId === id)
  return store === undefined
    ? { status: 404, body: { message: 'The requested store could not be found.' } }
    : ok(storeReply(store))
}

function storeReply(store: Store): unknown {
  const at = dateTimeShort(store.createdAt)
  const { createdAt: _, ...fields } = store
  return {
    ...fields,
    accountName: null,
    email: null,
    integrationUrl: null,
    companyName: '',
    phone: '',
    publicEmail: 'store@example.com',
    website: '',
    refreshDate: store.autoRefresh ? at : null,
    lastRefreshAttempt: store.autoRefresh ? at : null,
    createDate: at,
    modifyDate: at,
  }
}

/** GET /carriers: a bare array (contract section 12). */
export function listCarriers(state: State): SandboxReply {
  return ok(
    state.carriers.map(({ code, name }, i) => ({
      name,
      code,
      accountNumber: `SB${1000 + i}`,
      requiresFundedAccount: code === 'stamps_com',
      balance: code === 'stamps_com' ? 24.27 : 0,
      nickname: null,
      shippingProviderId: 12_345 + i,
      primary: true,
    })),
  )
}

/** GET /carriers/listservices?carrierCode= */
export function listServices(state: State, parameters: URLSearchParams): SandboxReply {
  const carrier = state.carriers.find(({ code }) => code === parameters.get('carrierCode'))
  if (carrier === undefined) return refused('Invalid carrierCode')
  return ok(
    carrier.services.map(({ code, name, international = false }) => ({
      carrierCode: carrier.code,
      code,
      name,
      domestic: !international,
      international,
    })),
  )
}

/** GET /webhooks: PascalCase, unlike everything else (contract section 9). */
export function listWebhooks(state: State): SandboxReply {
  const webhooks = state.webhooks.map((hook) => ({
    IsLabelAPIHook: false,
    WebHookID: hook.id,
    SellerID: 100_000,
    StoreID: hook.storeId,
    HookType: hook.event,
    MessageFormat: 'Json',
    Url: hook.url,
    Name: hook.name,
    Active: true,
    WebhookLogs: [],
  }))
  return ok({ webhooks })
}

/** POST /webhooks/subscribe: the same subscription twice makes two. */
export function subscribe(state: State, body: Readonly<Record<string, unknown>>): SandboxReply {
  const { target_url: url, event, store_id: storeId, friendly_name: name } = body
  if (typeof url !== 'string' || !/^https?:\/\//.test(url)) return refused('target_url is required.')
  if (typeof event !== 'string' || !WEBHOOK_EVENTS.includes(event)) return refused('event is not valid.')
  const id = state.nextId('webhook')
  state.webhooks.push({
    id,
    url,
    event,
    storeId: storeId === undefined || storeId === null ? null : Number(storeId),
    name: typeof name === 'string' ? name : null,
  })
  return ok({ id })
}

/** DELETE /webhooks/{id} */
export function unsubscribe(state: State, id: number): SandboxReply {
  const at = state.webhooks.findIndex((hook) => hook.id === id)
  if (at < 0) return { status: 404, body: { message: 'The requested webhook could not be found.' } }
  state.webhooks.splice(at, 1)
  return { status: 200 }
}
