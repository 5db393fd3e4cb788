import type { SandboxClock, SandboxReply, SandboxRequest } from '../stand-in.ts'
import { type Account, type Accounts, type RestrictedResource, TOKEN_SECONDS } from './accounts.ts'
import { denied, invalidInput, isRecord, isText, readJsonBody } from './wire.ts'

const ELEMENTS = ['buyerInfo', 'shippingAddress', 'buyerTaxInformation']
const METHODS = ['GET', 'PUT', 'POST', 'DELETE']
const MAX_RESOURCES = 50
/** The restricted v0 operations; a path may name one order or stand for any with {orderId}. */
const RESTRICTED =
  /^\/orders\/v0\/orders(?:\/(?:\d{3}-\d{7}-\d{7}|\{orderId\})(\/orderItems|\/address|\/buyerInfo|\/orderItems\/buyerInfo)?)?$/
/** A document of a restricted report; which one must be named (contract section 2, bulk backlog). */
const REPORT_DOCUMENT = /^\/reports\/2021-06-30\/documents\/[^/{}]+$/
const ELEMENTLESS = ['/address', '/buyerInfo', '/orderItems/buyerInfo']

/** Who calls, and what personal data the call may show. */
export interface Caller {
  readonly account: Account
  /** The app holds the restricted role (contract section 1). */
  readonly role: boolean
  /** Data elements that an RDT opens for this very path; `undefined` without an RDT. */
  readonly elements: ReadonlySet<string> | undefined
}

/** Checks x-amz-access-token (contract sections 1 and 6). `role` is the stand-in's default for accounts that set none. */
export function authorize(
  accounts: Accounts,
  clock: SandboxClock,
  request: SandboxRequest,
  role: boolean,
): Caller | SandboxReply {
  // The policy demands it; the refusal's form is not documented, this one is the nearest.
  if (!isText(request.headers['user-agent'])) return denied('The user-agent header is missing.')
  const text = request.headers['x-amz-access-token']
  if (!isText(text)) return denied('Access token is missing in the request header.')
  const token = accounts.token(text)
  if (token === undefined || token.state === 'revoked')
    return denied('The access token you provided is revoked, malformed or invalid.')
  if (token.state === 'expired' || token.expiresAt <= clock.now()) return denied('The access token you provided has expired.')
  if (token.kind === 'grantless') return denied()
  const caller = { account: token.account, role: token.account.pii ?? role }
  if (token.kind === 'seller') return { ...caller, elements: undefined }
  const resource = token.resources.find((each) => covers(each, request))
  return resource === undefined ? denied() : { ...caller, elements: new Set(resource.dataElements) }
}

export function isCaller(value: Caller | SandboxReply): value is Caller {
  return 'account' in value
}

function covers(resource: RestrictedResource, request: SandboxRequest): boolean {
  if (resource.method !== request.method) return false
  if (resource.path === request.path) return true
  return resource.path.replace('{orderId}', request.path.split('/')[4] ?? '') === request.path
}

/** POST /tokens/2021-03-01/restrictedDataToken (contract section 1, tokens model). */
export function createRestrictedDataToken(accounts: Accounts, caller: Caller, request: SandboxRequest): SandboxReply {
  const read = readJsonBody(request)
  if ('refused' in read) return read.refused
  const asked = read.body['restrictedResources']
  if (!Array.isArray(asked) || asked.length === 0) return invalidInput('restrictedResources must be a list that is not empty.')
  if (asked.length > MAX_RESOURCES) return invalidInput(`restrictedResources holds more than ${MAX_RESOURCES} entries.`)
  const resources: RestrictedResource[] = []
  for (const each of asked as readonly unknown[]) {
    const resource = readResource(each)
    if (typeof resource === 'string') return invalidInput(resource)
    resources.push(resource)
  }
  const elements = [...new Set(resources.flatMap((resource) => resource.dataElements))]
  if (!caller.role && elements.length > 0) {
    return invalidInput('', `Application does not have access to one or more requested data elements: [${elements.join(', ')}]`)
  }
  if (!caller.role) return noAccess()
  for (const resource of resources) {
    if (resource.method === 'GET' && REPORT_DOCUMENT.test(resource.path)) continue
    const found = RESTRICTED.exec(resource.path)
    if (found === null || resource.method !== 'GET') return noAccess()
    // Orders, order and order items are restricted only in parts, so the parts must be named.
    if (!ELEMENTLESS.includes(found[1] ?? '') && resource.dataElements.length === 0) return noAccess()
  }
  return {
    status: 200,
    body: { restrictedDataToken: accounts.issue(caller.account, 'restricted', resources), expiresIn: TOKEN_SECONDS },
  }
}

function noAccess(): SandboxReply {
  return invalidInput('', 'Application do not have access to some or all requested resource')
}

function readResource(value: unknown): RestrictedResource | string {
  if (!isRecord(value)) return 'restrictedResources must hold objects.'
  const { method, path, dataElements = [] } = value
  if (!isText(method) || !METHODS.includes(method)) return 'restrictedResources.method is missing or unknown.'
  if (!isText(path)) return 'restrictedResources.path is missing.'
  if (!Array.isArray(dataElements)) return 'restrictedResources.dataElements must be a list.'
  const elements: readonly unknown[] = dataElements
  const known = elements.filter((element): element is string => isText(element) && ELEMENTS.includes(element))
  if (known.length !== elements.length) return 'restrictedResources.dataElements holds an unknown element.'
  return { method, path, dataElements: known }
}
