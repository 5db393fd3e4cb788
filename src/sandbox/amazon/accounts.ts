import type { SandboxClock } from '../stand-in.ts'
import { isRecord, isText, type Json } from './wire.ts'

/** LWA access tokens and RDTs live one hour (contract section 1). */
export const TOKEN_SECONDS = 3600

const DEFAULT_SELLER = 'A1SANDBOX'
const ACCOUNT_KEYS = ['client_id', 'client_secret', 'refresh_token', 'seller_id', 'marketplaces', 'store_name', 'roles']

export interface Account {
  readonly sellerId: string
  clientId: string
  clientSecret: string
  refreshToken: string
  marketplaces: Set<string>
  storeName: string
  /** Overrides the stand-in's `roles.pii`. */
  pii: boolean | undefined
  revoked: boolean
  tokensIssued: number
}

/** One restricted resource of an RDT, as asked for. */
export interface RestrictedResource {
  readonly method: string
  readonly path: string
  readonly dataElements: readonly string[]
}

export interface Token {
  readonly account: Account
  readonly kind: 'seller' | 'grantless' | 'restricted'
  readonly resources: readonly RestrictedResource[]
  readonly expiresAt: number
  state: 'live' | 'expired' | 'revoked'
}

export interface Accounts {
  bySeller(sellerId: string): Account | undefined
  byRefreshToken(refreshToken: string): Account | undefined
  byClient(clientId: string): readonly Account[]
  all(): readonly Account[]
  /** Adds an account, or changes the one of the same seller; its live tokens stay. */
  put(document: unknown): Account
  issue(account: Account, kind: Token['kind'], resources?: readonly RestrictedResource[]): string
  token(text: string): Token | undefined
  /** Access tokens die, the refresh token answers invalid_grant. */
  revoke(account: Account): void
  /** The refresh token works again; dead access tokens stay dead. */
  restore(account: Account): void
  expireTokens(account: Account): void
  reset(): void
}

export function createAccounts(clock: SandboxClock): Accounts {
  const accounts = new Map<string, Account>()
  const tokens = new Map<string, Token>()
  let issued = 0

  function put(document: unknown): Account {
    const read = readAccount(document)
    const known = accounts.get(read.sellerId)
    if (known === undefined) {
      accounts.set(read.sellerId, read)
      return read
    }
    return Object.assign(known, read, { revoked: known.revoked, tokensIssued: known.tokensIssued })
  }

  function end(account: Account, state: 'expired' | 'revoked'): void {
    for (const token of tokens.values()) {
      if (token.account === account && token.state === 'live') token.state = state
    }
  }

  function reset(): void {
    accounts.clear()
    tokens.clear()
    issued = 0
    put({})
  }

  reset()
  return {
    bySeller: (sellerId) => accounts.get(sellerId),
    byRefreshToken: (refreshToken) => [...accounts.values()].find((account) => account.refreshToken === refreshToken),
    byClient: (clientId) => [...accounts.values()].filter((account) => account.clientId === clientId),
    all: () => [...accounts.values()],
    put,
    issue(account, kind, resources = []) {
      issued += 1
      const prefix = kind === 'restricted' ? 'Atz.sprdt' : kind === 'grantless' ? 'Atc' : 'Atza'
      const text = `${prefix}|sandbox-${account.sellerId}-${issued}`
      tokens.set(text, { account, kind, resources, expiresAt: clock.now() + TOKEN_SECONDS * 1000, state: 'live' })
      if (kind !== 'restricted') account.tokensIssued += 1
      return text
    },
    token: (text) => tokens.get(text),
    revoke(account) {
      account.revoked = true
      end(account, 'revoked')
    },
    restore(account) {
      account.revoked = false
    },
    expireTokens: (account) => end(account, 'expired'),
    reset,
  }
}

function readAccount(document: unknown): Account {
  if (!isRecord(document)) throw new Error('accounts: each account must be an object')
  const unknown = Object.keys(document).filter((key) => !ACCOUNT_KEYS.includes(key))
  if (unknown.length > 0) throw new Error(`accounts: unknown ${unknown.join(', ')}; known: ${ACCOUNT_KEYS.join(', ')}`)
  const sellerId = textOr(document, 'seller_id', DEFAULT_SELLER)
  const { marketplaces = ['ATVPDKIKX0DER'], roles } = document
  if (!Array.isArray(marketplaces) || !marketplaces.every(isText)) throw new Error('accounts: marketplaces must be a list of ids')
  return {
    sellerId,
    clientId: textOr(document, 'client_id', 'sandbox-client'),
    clientSecret: textOr(document, 'client_secret', 'sandbox-secret'),
    refreshToken: textOr(
      document,
      'refresh_token',
      sellerId === DEFAULT_SELLER ? 'sandbox-refresh' : `sandbox-refresh-${sellerId}`,
    ),
    marketplaces: new Set(marketplaces),
    storeName: textOr(document, 'store_name', `Sandbox Store ${sellerId}`),
    pii: isRecord(roles) && typeof roles['pii'] === 'boolean' ? roles['pii'] : undefined,
    revoked: false,
    tokensIssued: 0,
  }
}

function textOr(document: Json, key: string, fallback: string): string {
  const value = document[key]
  if (value === undefined) return fallback
  if (!isText(value)) throw new Error(`accounts: ${key} must be a non-empty text`)
  return value
}
