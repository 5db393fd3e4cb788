import type { SandboxReply, SandboxRequest } from '../stand-in.ts'
import { type Application, mayCall } from './accounts.ts'
import { serveBatch } from './batch.ts'
import { grantToken } from './oauth.ts'
import { matchRoute } from './routes.ts'
import { type Script, type State, scripted } from './state.ts'
import { workOff } from './upload.ts'
import { apiError, noSuchRoute, odataError } from './wire.ts'

const ROOT = '/v1/'
const DENIED = { $id: '1', Message: 'Authorization has been denied for this request.' }

/** One request from outside: the token endpoint, $batch, or an operation. */
export function serve(state: State, request: SandboxRequest): SandboxReply {
  if (request.method !== 'GET') state.version += 1
  workOff(state)
  const path = decoded(request.path)
  const query = request.query.toString()
  if (path.length + query.length + 1 > state.settings.urlLimit) return apiError(414, 'The request URI is too long.')
  if (path === '/oauth2/token') {
    count(state, 'token')
    return grantToken(state, request)
  }
  if (!path.startsWith(ROOT)) return noSuchRoute(request)
  const application = state.accounts.owner(tokenOf(request))
  if (application === undefined) return { status: 401, body: DENIED }
  const crowd = scripted(state, ['crowd'], nameOf(request, path))
  if (crowd !== undefined || !state.limits.take(application.account, 'requests')) return tooMany(state)
  if (path === `${ROOT}$batch`) {
    count(state, 'batch')
    if (request.method !== 'POST') return apiError(405, 'The requested resource does not support this method.')
    const trouble = scripted(state, ['fail', 'deny-in-200'], 'batch')
    if (trouble !== undefined) return answerOf(trouble)
    const reply = serveBatch(state, request, (part) => servePart(state, part, application))
    return scripted(state, ['fail-after'], 'batch') === undefined ? reply : odataError(500, 'An error has occurred.')
  }
  return run(state, request, application, false)
}

/** One request of a batch: it counts as one of its own (contract section 8). */
function servePart(state: State, request: SandboxRequest, application: Application): SandboxReply {
  const path = decoded(request.path)
  if (!path.startsWith(ROOT) || path === `${ROOT}$batch`) return noSuchRoute(request)
  if (!state.limits.take(application.account, 'requests')) return tooMany(state)
  const trouble = scripted(state, ['batch-part'], nameOf(request, path))
  if (trouble !== undefined) return apiError(trouble.status, 'The request could not be completed. Please try again.')
  return run(state, request, application, true)
}

function run(state: State, request: SandboxRequest, application: Application, inBatch: boolean): SandboxReply {
  const match = matchRoute(request.method, decoded(request.path).slice(ROOT.length))
  if ('status' in match) {
    return match.status === 404 ? noSuchRoute(request) : apiError(405, 'The requested resource does not support this method.')
  }
  const { route, id } = match
  count(state, route.name)
  const trouble = scripted(state, ['fail', 'deny-in-200'], route.name)
  if (trouble !== undefined) return answerOf(trouble)
  if (!mayCall(application, route.area, request.method !== 'GET')) return { status: 401, body: DENIED }
  const reply = route.run({ state, request, application, id, now: state.clock.now(), inBatch })
  const late = scripted(state, ['fail-after'], route.name)
  return late === undefined ? reply : answerOf(late)
}

function answerOf({ kind, status }: Script): SandboxReply {
  if (kind === 'deny-in-200') return { status: 200, body: DENIED }
  return odataError(status, status < 500 ? 'The request is invalid.' : 'An error has occurred.')
}

/** Without a hint when to come again (contract section 8). */
function tooMany(state: State): SandboxReply {
  state.throttled += 1
  return apiError(429, 'Too many requests.')
}

function nameOf(request: SandboxRequest, path: string): string {
  if (path === `${ROOT}$batch`) return 'batch'
  const match = matchRoute(request.method, path.slice(ROOT.length))
  return 'route' in match ? match.route.name : ''
}

function count(state: State, name: string): void {
  state.calls.set(name, (state.calls.get(name) ?? 0) + 1)
}

/** In the header, or in the query where logs will keep it (contract section 8). */
function tokenOf(request: SandboxRequest): string {
  const found = /^Bearer (\S+)$/i.exec(request.headers['authorization'] ?? '')
  return found?.[1] ?? request.query.get('access_token') ?? ''
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
