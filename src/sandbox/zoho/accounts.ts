import { createHash } from 'node:crypto'
import { type Reader, reader } from './compact.ts'

export const TOKEN_SECONDS = 3600
/** One more removes the oldest (contract section 2). */
const LIVE_TOKENS = 30
const MINTS = 10
const MINT_WINDOW_MS = 600_000

const SCOPES = ['ZohoInventory.items.READ', 'ZohoInventory.settings.READ']

/** One refresh token of one client. */
export interface Account {
  readonly refreshToken: string
  clientId: string
  clientSecret: string
  scopes: readonly string[]
  revoked: boolean
  minted: number
  /** Refused because ten were given in ten minutes. */
  refused: number
  /** Begins with the first token after a quiet time. */
  window: { start: number; used: number }
}

interface Token {
  readonly account: Account
  expiresAt: number
}

export interface Accounts {
  all(): readonly Account[]
  byRefreshToken(refreshToken: string): Account | undefined
  hasClient(clientId: string, clientSecret: string): boolean
  /** Adds an account, or changes the one with the same refresh token. */
  put(document: unknown): void
  /** A new access token; undefined while the refresh token has had its ten. */
  mint(account: Account, now: number): string | undefined
  /** Whose live token this is. */
  bearer(token: string, now: number): Account | undefined
  liveTokens(account: Account, now: number): number
  revoke(account: Account): void
  /** The refresh token works again; dead access tokens stay dead. */
  restore(account: Account): void
  expireTokens(account: Account): void
}

/** Refresh and access tokens: contract section 2. */
export function createAccounts(): Accounts {
  const accounts = new Map<string, Account>()
  /** In the order of minting. */
  const tokens = new Map<string, Token>()
  let minted = 0

  function put(document: unknown): void {
    const given = reader('accounts', document, ['client_id', 'client_secret', 'refresh_token', 'scopes'])
    const refreshToken = given.text('refresh_token') ?? 'sandbox-refresh'
    const known = accounts.get(refreshToken)
    accounts.set(refreshToken, {
      refreshToken,
      clientId: given.text('client_id') ?? known?.clientId ?? 'sandbox-client',
      clientSecret: given.text('client_secret') ?? known?.clientSecret ?? 'sandbox-secret',
      scopes: readScopes(given) ?? known?.scopes ?? SCOPES,
      revoked: known?.revoked ?? false,
      minted: known?.minted ?? 0,
      refused: known?.refused ?? 0,
      window: known?.window ?? { start: 0, used: 0 },
    })
    // Tokens that are out belong to the account as it is now.
    for (const [text, token] of tokens) {
      const now = accounts.get(token.account.refreshToken)
      if (now !== undefined && now !== token.account) tokens.set(text, { account: now, expiresAt: token.expiresAt })
    }
  }

  function drop(account: Account): void {
    for (const [text, token] of tokens) if (token.account === account) tokens.delete(text)
  }

  function liveOf(account: Account, now: number): readonly string[] {
    return [...tokens].filter(([, token]) => token.account === account && token.expiresAt > now).map(([text]) => text)
  }

  put({})
  return {
    all: () => [...accounts.values()],
    byRefreshToken: (refreshToken) => accounts.get(refreshToken),
    hasClient: (clientId, clientSecret) =>
      [...accounts.values()].some((account) => account.clientId === clientId && account.clientSecret === clientSecret),
    put,
    mint(account, now) {
      const { window } = account
      if (now < window.start || now >= window.start + MINT_WINDOW_MS) account.window = { start: now, used: 0 }
      if (account.window.used >= MINTS) {
        account.refused += 1
        return undefined
      }
      account.window.used += 1
      account.minted += 1
      minted += 1
      const live = liveOf(account, now)
      for (const text of live.slice(0, Math.max(0, live.length - LIVE_TOKENS + 1))) tokens.delete(text)
      const hash = createHash('sha256').update(`sandbox ${minted}`).digest('hex')
      const text = `1000.${hash.slice(0, 32)}.${hash.slice(32)}`
      tokens.set(text, { account, expiresAt: now + TOKEN_SECONDS * 1000 })
      return text
    },
    bearer(text, now) {
      const token = tokens.get(text)
      return token !== undefined && token.expiresAt > now ? token.account : undefined
    },
    liveTokens: (account, now) => liveOf(account, now).length,
    revoke(account) {
      account.revoked = true
      drop(account)
    },
    restore(account) {
      account.revoked = false
    },
    expireTokens: drop,
  }
}

function readScopes(given: Reader): readonly string[] | undefined {
  return given.list('scopes')?.map(String)
}
