import type { SandboxReply, SandboxRequest } from '../stand-in.ts'
import { type Account, type Accounts, TOKEN_SECONDS } from './accounts.ts'
import type { Settings } from './settings.ts'
import { fail } from './wire.ts'

/** POST /oauth/v2/token. Its errors come with status 400, or with 200 and an error in the body (contract section 2). */
export function exchangeToken(accounts: Accounts, settings: Settings, request: SandboxRequest, now: number): SandboxReply {
  const form = new URLSearchParams(request.body.toString('utf8'))
  const field = (name: string) => form.get(name) ?? request.query.get(name) ?? ''
  const refused = (body: object): SandboxReply => ({ status: settings.token_error_status, body })

  if (!accounts.hasClient(field('client_id'), field('client_secret'))) return refused({ error: 'invalid_client' })
  if (field('grant_type') !== 'refresh_token') return refused({ error: 'unsupported_grant_type' })
  const account = accounts.byRefreshToken(field('refresh_token'))
  if (account === undefined || account.revoked || account.clientId !== field('client_id'))
    return refused({ error: 'invalid_code' })
  const token = accounts.mint(account, now)
  if (token === undefined) {
    return refused({
      error: 'Access Denied',
      error_description: 'You have made too many requests continuously. Please try again after some time.',
      status: 'failure',
    })
  }
  return {
    status: 200,
    body: { access_token: token, api_domain: settings.api_domain, token_type: 'Bearer', expires_in: TOKEN_SECONDS },
  }
}

/** `Authorization: Zoho-oauthtoken <token>`, live and with the scope of the call; else 401 with code 57 (sections 2 and 8). */
export function authorize(
  accounts: Accounts,
  request: SandboxRequest,
  scope: string,
  now: number,
): { readonly account: Account } | { readonly refusal: SandboxReply } {
  const [, token] = /^Zoho-oauthtoken (\S+)$/.exec(request.headers['authorization'] ?? '') ?? []
  const account = token === undefined ? undefined : accounts.bearer(token, now)
  if (account === undefined || !account.scopes.includes(scope))
    return { refusal: fail(401, 57, 'You are not authorized to perform this operation') }
  return { account }
}
