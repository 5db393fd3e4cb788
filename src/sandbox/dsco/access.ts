import type { SandboxClock, SandboxReply, SandboxRequest } from '../stand-in.ts'
import { reader } from './compact.ts'
import { turnedAway } from './wire.ts'

export const TOKEN_SECONDS = 3600
const DEFAULT_ID = '1000000001'
const KEYS = ['account_id', 'client_id', 'client_secret', 'token']

/** One supplier account: a pair of client credentials, and perhaps the older static token (contract section 1). */
export interface Account {
  readonly id: string
  clientId: string
  clientSecret: string
  staticToken: string | undefined
  revoked: boolean
  /** The account is on hold: known, and not allowed anything. */
  onHold: boolean
  tokensIssued: number
}

export interface Access {
  accounts(): readonly Account[]
  account(id: string): Account | undefined
  /** Adds an account, or changes the one of the same id. */
  put(document: unknown): Account
  /** POST /oauth2/token. A new token leaves the older ones alive. */
  grant(request: SandboxRequest): SandboxReply
  /** Whose the bearer token is, or the refusal. */
  bearer(request: SandboxRequest): Account | SandboxReply
  expire(account: Account): void
}

export function createAccess(clock: SandboxClock): Access {
  const accounts = new Map<string, Account>()
  const tokens = new Map<string, { readonly account: Account; expiresAt: number }>()
  let issued = 0

  function put(document: unknown): Account {
    const given = reader('accounts', document, KEYS)
    const id = given.text('account_id') ?? DEFAULT_ID
    const isDefault = id === DEFAULT_ID
    const known = accounts.get(id)
    const account: Account = {
      id,
      clientId: given.text('client_id') ?? known?.clientId ?? (isDefault ? 'sandbox-client' : `sandbox-client-${id}`),
      clientSecret: given.text('client_secret') ?? known?.clientSecret ?? 'sandbox-secret',
      staticToken: given.has('token')
        ? given.textOr('token', '')
        : (known?.staticToken ?? (isDefault ? 'sandbox-token' : undefined)),
      revoked: known?.revoked ?? false,
      onHold: known?.onHold ?? false,
      tokensIssued: known?.tokensIssued ?? 0,
    }
    if (known !== undefined) return Object.assign(known, account)
    accounts.set(id, account)
    return account
  }

  function ownerOf(token: string): Account | undefined {
    const found = tokens.get(token)
    if (found !== undefined) return found.expiresAt > clock.now() ? found.account : undefined
    return [...accounts.values()].find((account) => account.staticToken === token)
  }

  put({})
  return {
    accounts: () => [...accounts.values()],
    account: (id) => accounts.get(id),
    put,
    grant(request) {
      const form = formOf(request)
      const clientId = form?.get('client_id') ?? ''
      const secret = form?.get('client_secret') ?? ''
      if (clientId === '' || secret === '' || form?.get('grant_type') !== 'client_credentials') {
        return { status: 400, body: { error: 'invalid_request', error_description: 'A parameter is missing or not supported.' } }
      }
      const account = [...accounts.values()].find((one) => one.clientId === clientId)
      if (account === undefined || account.clientSecret !== secret || account.revoked) {
        return { status: 401, body: { error: 'invalid_client', error_description: 'The client credentials are not valid.' } }
      }
      issued += 1
      account.tokensIssued += 1
      const token = `sandbox-dsco-${issued}`
      tokens.set(token, { account, expiresAt: clock.now() + TOKEN_SECONDS * 1000 })
      return { status: 200, body: { access_token: token, token_type: 'Bearer', expires_in: TOKEN_SECONDS } }
    },
    bearer(request) {
      const token = /^bearer (\S+)$/i.exec(request.headers['authorization'] ?? '')?.[1]
      const account = token === undefined ? undefined : ownerOf(token)
      if (account === undefined || account.revoked) return turnedAway(401, 'Unauthorized')
      return account.onHold ? turnedAway(403, 'Forbidden') : account
    },
    expire(account) {
      for (const token of tokens.values()) if (token.account === account) token.expiresAt = clock.now()
    },
  }
}

function formOf(request: SandboxRequest): URLSearchParams | undefined {
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(request.headers['content-type'] ?? '')
  return isForm ? new URLSearchParams(request.body.toString('utf8')) : undefined
}
