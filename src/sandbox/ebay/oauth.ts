import type { SandboxReply, SandboxRequest } from '../stand-in.ts'
import { API_SCOPE, REFRESH_SECONDS, TOKEN_SECONDS } from './accounts.ts'
import type { State } from './state.ts'

/** POST /identity/v1/oauth2/token: form in, the keyset as Basic, errors in OAuth's shape (contract section 1). */
export function grantToken(state: State, request: SandboxRequest): SandboxReply {
  const keyset = basicOf(request)
  if (keyset === undefined || !state.accounts.hasKeyset(keyset.appId, keyset.certId)) {
    return refused(401, 'invalid_client', 'client authentication failed')
  }
  if (!/^application\/x-www-form-urlencoded\b/i.test(request.headers['content-type'] ?? '')) {
    return refused(400, 'invalid_request', 'request is missing a required parameter or malformed.')
  }
  const form = new URLSearchParams(request.body.toString('utf8'))
  const asked = form
    .get('scope')
    ?.split(' ')
    .filter((scope) => scope !== '')
  switch (form.get('grant_type')) {
    case 'refresh_token':
      return refresh(state, keyset.appId, form.get('refresh_token') ?? '', asked)
    case 'client_credentials':
      return forApplication(state, keyset.appId, asked ?? [])
    default:
      return refused(400, 'unsupported_grant_type', 'the grant type in the request is not supported by the authorization server')
  }
}

/** The new token has the scopes that are asked for, or all that were granted; more than that is refused. */
function refresh(state: State, appId: string, refreshToken: string, asked: readonly string[] | undefined): SandboxReply {
  const account = state.accounts.byRefreshToken(refreshToken)
  const isDead = account !== undefined && account.consentedAt + REFRESH_SECONDS * 1000 <= state.clock.now()
  if (account === undefined || account.appId !== appId || account.revoked || isDead) {
    return refused(400, 'invalid_grant', 'the provided authorization refresh token is invalid or was issued to another client')
  }
  if (asked?.some((scope) => !account.scopes.has(scope))) return tooMuch()
  const scopes = asked === undefined || asked.length === 0 ? account.scopes : new Set(asked)
  return granted(state.accounts.issue({ account, appId }, scopes), 'User Access Token')
}

/** A token that acts for no seller; a client that lost its user's token gets this one without noticing (contract section 11). */
function forApplication(state: State, appId: string, asked: readonly string[]): SandboxReply {
  if (asked.some((scope) => scope !== API_SCOPE)) return tooMuch()
  return granted(state.accounts.issue({ account: undefined, appId }, new Set([API_SCOPE])), 'Application Access Token')
}

function granted(token: string, kind: string): SandboxReply {
  return { status: 200, body: { access_token: token, expires_in: TOKEN_SECONDS, token_type: kind } }
}

function tooMuch(): SandboxReply {
  return refused(
    400,
    'invalid_scope',
    'The requested scope is invalid, unknown, malformed, or exceeds the scope granted to the client',
  )
}

function refused(status: number, error: string, description: string): SandboxReply {
  return { status, body: { error, error_description: description } }
}

function basicOf(request: SandboxRequest): { readonly appId: string; readonly certId: string } | undefined {
  const found = /^Basic (\S+)$/i.exec(request.headers['authorization'] ?? '')
  if (found === null) return undefined
  const text = Buffer.from(found[1] ?? '', 'base64').toString('utf8')
  const mark = text.indexOf(':')
  return mark < 0 ? undefined : { appId: text.slice(0, mark), certId: text.slice(mark + 1) }
}
