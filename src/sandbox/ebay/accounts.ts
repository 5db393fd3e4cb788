import type { SandboxClock } from '../stand-in.ts'
import { type Reader, reader } from './compact.ts'
import { siteOf } from './sites.ts'

export const TOKEN_SECONDS = 7200
/** 18 months; a refresh brings no new one (contract section 1). */
export const REFRESH_SECONDS = 47_304_000
export const API_SCOPE = 'https://api.ebay.com/oauth/api_scope'

const ROOM = `${API_SCOPE}/`
const GRANTED = [
  API_SCOPE,
  ...['sell.inventory', 'sell.fulfillment', 'sell.account.readonly', 'commerce.identity.readonly'].map((name) => ROOM + name),
  `${ROOM}commerce.notification.subscription`,
]
// biome-ignore format: a word list
const KEYS = ['user', 'app_id', 'cert_id', 'refresh_token', 'scopes', 'site', 'consented_at', 'out_of_stock_control']
const DEFAULT_USER = 'sandbox-seller'

/** One seller's consent to one application. */
export interface Account {
  readonly user: string
  appId: string
  certId: string
  refreshToken: string
  /** In full, as granted. */
  scopes: ReadonlySet<string>
  site: string
  consentedAt: number
  /** Without it a listing ends when its quantity falls to zero (contract section 5.1). */
  outOfStockControl: boolean
  revoked: boolean
  tokensIssued: number
}

interface Token {
  /** Undefined: of the application itself, which may not act for anybody. */
  readonly account: Account | undefined
  readonly appId: string
  readonly scopes: ReadonlySet<string>
  expiresAt: number
  revoked: boolean
}

export interface Accounts {
  all(): readonly Account[]
  byUser(user: string): Account | undefined
  byRefreshToken(refreshToken: string): Account | undefined
  hasKeyset(appId: string, certId: string): boolean
  /** Adds an account, or changes the one of the same user; tokens that are out stay. */
  put(document: unknown): Account
  issue(owner: { readonly account: Account | undefined; readonly appId: string }, scopes: ReadonlySet<string>): string
  token(text: string): Token | undefined
  /** Access tokens die, the refresh token answers invalid_grant. */
  revoke(account: Account): void
  /** The seller consents again: the refresh token works, and lives its whole time. */
  restore(account: Account): void
  expireTokens(account: Account): void
}

export function createAccounts(clock: SandboxClock): Accounts {
  const accounts = new Map<string, Account>()
  const tokens = new Map<string, Token>()
  let issued = 0

  function put(document: unknown): Account {
    const given = reader('accounts', document, KEYS)
    const user = given.text('user') ?? DEFAULT_USER
    const known = accounts.get(user)
    const account: Account = {
      user,
      appId: given.text('app_id') ?? known?.appId ?? 'sandbox-app',
      certId: given.text('cert_id') ?? known?.certId ?? 'sandbox-cert',
      refreshToken:
        given.text('refresh_token') ??
        known?.refreshToken ??
        (user === DEFAULT_USER ? 'sandbox-refresh' : `sandbox-refresh-${user}`),
      scopes: readScopes(given) ?? known?.scopes ?? new Set(GRANTED),
      site: given.text('site') ?? known?.site ?? 'EBAY_US',
      consentedAt: given.time('consented_at') ?? known?.consentedAt ?? clock.now(),
      outOfStockControl: given.flag('out_of_stock_control') ?? known?.outOfStockControl ?? true,
      revoked: known?.revoked ?? false,
      tokensIssued: known?.tokensIssued ?? 0,
    }
    siteOf(account.site)
    if (known !== undefined) return Object.assign(known, account)
    accounts.set(user, account)
    return account
  }

  function own(account: Account): readonly Token[] {
    return [...tokens.values()].filter((token) => token.account === account)
  }

  put({})
  return {
    all: () => [...accounts.values()],
    byUser: (user) => accounts.get(user),
    byRefreshToken: (refreshToken) => [...accounts.values()].find((account) => account.refreshToken === refreshToken),
    hasKeyset: (appId, certId) => [...accounts.values()].some((account) => account.appId === appId && account.certId === certId),
    put,
    issue({ account, appId }, scopes) {
      issued += 1
      const text = `v^1.1#i^1#p^${account === undefined ? 1 : 3}#sandbox-${issued}`
      tokens.set(text, { account, appId, scopes, expiresAt: clock.now() + TOKEN_SECONDS * 1000, revoked: false })
      if (account !== undefined) account.tokensIssued += 1
      return text
    },
    token: (text) => tokens.get(text),
    revoke(account) {
      account.revoked = true
      for (const token of own(account)) token.revoked = true
    },
    restore(account) {
      account.revoked = false
      account.consentedAt = clock.now()
    },
    expireTokens(account) {
      for (const token of own(account)) token.expiresAt = clock.now()
    },
  }
}

/** Short names are taken as well: `sell.inventory`. */
function readScopes(given: Reader): ReadonlySet<string> | undefined {
  const scopes = given.texts('scopes')
  return scopes === undefined ? undefined : new Set(scopes.map(fullScope))
}

export function fullScope(name: string): string {
  if (name.startsWith('https://')) return name
  return name === 'api_scope' ? API_SCOPE : ROOM + name
}
