import type { SandboxClock } from '../stand-in.ts'
import { reader } from './compact.ts'

export const TOKEN_SECONDS = 3600
/** Three months without use end it, by the newer of the vendor's two pages (contract section 8). */
const REFRESH_IDLE_MS = 90 * 86_400_000
export const DEFAULT_PROFILE = 70_000_001

const SCOPES = ['orders', 'inventory', 'orders.readonly', 'inventory.readonly'] as const
type Scope = (typeof SCOPES)[number]

/** One integration of a developer, with its own export flags. */
export interface Application {
  readonly appId: string
  sharedSecret: string
  refreshToken: string
  /** What the requests per minute are counted by. */
  account: string
  /** Whose orders and products it sees. */
  profiles: ReadonlySet<number>
  scopes: ReadonlySet<Scope>
  usedAt: number
  revoked: boolean
  tokensIssued: number
}

interface Token {
  readonly application: Application
  expiresAt: number
}

export interface Accounts {
  all(): readonly Application[]
  byId(appId: string): Application | undefined
  /** Adds an application, or changes the one of the same id; tokens that are out stay. */
  put(document: unknown): Application
  /** An access token; undefined when the refresh token is wrong, revoked or was not used for too long. */
  refresh(application: Application, refreshToken: string): string | undefined
  /** Whose the access token is; undefined when it is unknown, expired or revoked. */
  owner(token: string): Application | undefined
  /** Access tokens die, the refresh token is refused. */
  revoke(application: Application): void
  restore(application: Application): void
  expireTokens(application: Application): void
}

export function createAccounts(clock: SandboxClock): Accounts {
  const applications = new Map<string, Application>()
  const tokens = new Map<string, Token>()
  let issued = 0

  function put(document: unknown): Application {
    const keys = ['app_id', 'shared_secret', 'refresh_token', 'account', 'profiles', 'scopes', 'used_at']
    const given = reader('applications', document, keys)
    const appId = given.text('app_id') ?? 'sandbox-app'
    const known = applications.get(appId)
    const application: Application = {
      appId,
      sharedSecret: given.text('shared_secret') ?? known?.sharedSecret ?? 'sandbox-shared',
      refreshToken:
        given.text('refresh_token') ??
        known?.refreshToken ??
        (appId === 'sandbox-app' ? 'sandbox-refresh' : `sandbox-refresh-${appId}`),
      account: given.text('account') ?? known?.account ?? 'main',
      profiles: readProfiles(given.list('profiles')) ?? known?.profiles ?? new Set([DEFAULT_PROFILE]),
      scopes: readScopes(given.texts('scopes')) ?? known?.scopes ?? new Set<Scope>(['orders', 'inventory']),
      usedAt: given.time('used_at') ?? known?.usedAt ?? clock.now(),
      revoked: known?.revoked ?? false,
      tokensIssued: known?.tokensIssued ?? 0,
    }
    if (known !== undefined) return Object.assign(known, application)
    applications.set(appId, application)
    return application
  }

  function dropTokens(application: Application): void {
    for (const token of tokens.values()) if (token.application === application) token.expiresAt = clock.now()
  }

  put({})
  return {
    all: () => [...applications.values()],
    byId: (appId) => applications.get(appId),
    put,
    refresh(application, refreshToken) {
      const now = clock.now()
      const isDead = application.revoked || application.usedAt + REFRESH_IDLE_MS <= now
      if (isDead || refreshToken !== application.refreshToken) return undefined
      issued += 1
      const text = `sandbox-access-${issued}`
      tokens.set(text, { application, expiresAt: now + TOKEN_SECONDS * 1000 })
      application.usedAt = now
      application.tokensIssued += 1
      return text
    },
    owner(text) {
      const token = tokens.get(text)
      return token === undefined || token.expiresAt <= clock.now() ? undefined : token.application
    },
    revoke(application) {
      application.revoked = true
      dropTokens(application)
    },
    restore(application) {
      application.revoked = false
      application.usedAt = clock.now()
    },
    expireTokens: dropTokens,
  }
}

/** A readonly scope reads, the other one of its name does both. */
export function mayCall(application: Application, area: 'orders' | 'inventory', writes: boolean): boolean {
  return application.scopes.has(area) || (!writes && application.scopes.has(`${area}.readonly`))
}

function readProfiles(list: readonly unknown[] | undefined): ReadonlySet<number> | undefined {
  if (list === undefined) return undefined
  const numbers = list.filter((each): each is number => typeof each === 'number' && Number.isInteger(each))
  if (numbers.length < list.length) throw new Error('applications.profiles: must be whole numbers')
  return new Set(numbers)
}

function readScopes(names: readonly string[] | undefined): ReadonlySet<Scope> | undefined {
  return names === undefined
    ? undefined
    : new Set(
        names.map((name) => {
          const scope = SCOPES.find((known) => known === name)
          if (scope === undefined) throw new Error(`applications.scopes: no scope '${name}'; known: ${SCOPES.join(', ')}`)
          return scope
        }),
      )
}
