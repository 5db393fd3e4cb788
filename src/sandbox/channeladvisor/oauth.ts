import type { SandboxReply, SandboxRequest } from '../stand-in.ts'
import { TOKEN_SECONDS } from './accounts.ts'
import type { State } from './state.ts'
import { apiError } from './wire.ts'

/** POST /oauth2/token: form in, application id and shared secret as Basic; whatever is wrong is a 400 (contract section 8). */
export function grantToken(state: State, request: SandboxRequest): SandboxReply {
  if (request.method !== 'POST') return apiError(405, 'The requested resource does not support this method.')
  const { appId, sharedSecret } = basicOf(request)
  const application = state.accounts.byId(appId)
  if (application === undefined || application.sharedSecret !== sharedSecret) return refused('invalid_client')
  if (!/^application\/x-www-form-urlencoded\b/i.test(request.headers['content-type'] ?? '')) return refused('invalid_request')
  const form = new URLSearchParams(request.body.toString('utf8'))
  if (form.get('grant_type') !== 'refresh_token') return refused('unsupported_grant_type')
  const token = state.accounts.refresh(application, form.get('refresh_token') ?? '')
  if (token === undefined) return refused('invalid_grant')
  return { status: 200, body: { access_token: token, token_type: 'bearer', expires_in: TOKEN_SECONDS } }
}

function refused(error: string): SandboxReply {
  return { status: 400, body: { error } }
}

function basicOf(request: SandboxRequest): { readonly appId: string; readonly sharedSecret: string } {
  const found = /^Basic (\S+)$/i.exec(request.headers['authorization'] ?? '')
  const text = Buffer.from(found?.[1] ?? '', 'base64').toString('utf8')
  const mark = text.indexOf(':')
  return { appId: text.slice(0, Math.max(0, mark)), sharedSecret: text.slice(mark + 1) }
}
