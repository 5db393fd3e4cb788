import type { SandboxReply, SandboxRequest } from '../stand-in.ts'
import { type Account, type Accounts, TOKEN_SECONDS } from './accounts.ts'
import { isRecord, isText, tryJson } from './wire.ts'

const NOTIFICATIONS_SCOPE = 'sellingpartnerapi::notifications'

/** Login with Amazon: POST /auth/o2/token, form or JSON, OAuth-shaped errors (contract section 1). */
export function exchangeToken(accounts: Accounts, request: SandboxRequest): SandboxReply {
  const field = readFields(request)
  const grantType = field('grant_type')
  if (grantType === undefined) return oauthError(400, 'invalid_request', 'The request is missing the parameter grant_type.')
  if (grantType !== 'refresh_token' && grantType !== 'client_credentials') {
    return oauthError(400, 'unsupported_grant_type', 'The grant type is not supported.')
  }
  const clientId = field('client_id')
  const clientSecret = field('client_secret')
  if (clientId === undefined || clientSecret === undefined) {
    return oauthError(400, 'invalid_request', 'The request is missing client_id or client_secret.')
  }
  const own = accounts.byClient(clientId).filter((account) => account.clientSecret === clientSecret)
  const [first] = own
  if (first === undefined) return oauthError(401, 'invalid_client', 'Client authentication failed.')
  if (grantType === 'client_credentials') return grantless(accounts, first, field('scope'))
  return refresh(accounts, own, field('refresh_token'))
}

function refresh(accounts: Accounts, own: readonly Account[], refreshToken: string | undefined): SandboxReply {
  if (refreshToken === undefined) return oauthError(400, 'invalid_request', 'The request is missing the parameter refresh_token.')
  const account = accounts.byRefreshToken(refreshToken)
  if (account === undefined || account.revoked) {
    return oauthError(400, 'invalid_grant', 'The request has an invalid grant parameter: refresh_token.')
  }
  if (!own.includes(account)) {
    return oauthError(400, 'unauthorized_client', 'The client may not use this refresh token.')
  }
  return granted({
    access_token: accounts.issue(account, 'seller'),
    refresh_token: refreshToken,
    token_type: 'bearer',
    expires_in: TOKEN_SECONDS,
  })
}

function grantless(accounts: Accounts, account: Account, scope: string | undefined): SandboxReply {
  if (scope !== NOTIFICATIONS_SCOPE) return oauthError(400, 'invalid_scope', 'The scope is missing or unknown.')
  return granted({ access_token: accounts.issue(account, 'grantless'), scope, token_type: 'bearer', expires_in: TOKEN_SECONDS })
}

function granted(body: Readonly<Record<string, unknown>>): SandboxReply {
  return { status: 200, headers: { 'cache-control': 'no-cache, no-store, must-revalidate', pragma: 'no-cache' }, body }
}

function oauthError(status: number, error: string, description: string): SandboxReply {
  return { status, body: { error, error_description: description } }
}

function readFields(request: SandboxRequest): (name: string) => string | undefined {
  const text = request.body.toString('utf8')
  if (/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
    const body = tryJson(text)
    return (name) => {
      const value = isRecord(body) ? body[name] : undefined
      return isText(value) ? value : undefined
    }
  }
  const form = new URLSearchParams(text)
  return (name) => form.get(name) || undefined
}
