import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { apiOrigin } from '../../src/connectors/zoho/settings.ts'
import { AuthError, ThrottledError } from '../../src/core/errors.ts'
import type { Fault } from '../../src/sandbox/stand-in.ts'
import { databases } from '../world/databases.ts'
import { sharedWorld } from './zoho-shared.ts'
import {
  failureOf,
  HOUR,
  ITEMS,
  inWords,
  MINUTE,
  NOW,
  openZoho,
  settingsFor,
  signal,
  TOKEN,
  type ZohoWorld,
} from './zoho-world.ts'

let world: ZohoWorld

beforeEach(async () => {
  world = await openZoho({ items: [{ sku: 'A', stock: 5 }] })
})
afterEach(() => world.sandbox.close())

const ask = (of: Pick<ZohoWorld, 'zoho'> = world) => of.zoho.itemsBySku(['A'], signal)
const spoil = (path: string, fault: Partial<Fault>) =>
  world.sandbox.addFault({ vendor: 'zoho', kind: 'status', match: { path }, ...fault })

describe('an access token', () => {
  it('that Zoho refuses is replaced once, and the call repeated', async () => {
    await ask()
    world.act('expire-tokens')

    expect(inWords((await ask()).items)).toEqual(['A tracked 5'])
    expect(world.entries(TOKEN)).toHaveLength(2)
    expect(world.entries(ITEMS).map(({ status }) => status)).toEqual([200, 401, 200])
  })

  it('that is refused again means that something else is wrong', async () => {
    world.seed({ accounts: [{ scopes: ['ZohoInventory.settings.READ'] }] })

    const error = await failureOf(ask())

    expect(error).toBeInstanceOf(AuthError)
    expect(error.message).toBe(
      'zoho items: answered 401 with code 57; You are not authorized to perform this operation; a fresh token was refused too: the token is for another data centre or organization, or lacks a scope',
    )
    expect(world.entries(ITEMS)).toHaveLength(2)
    expect(world.account.opened).toHaveLength(1)
    expect((await failureOf(ask())).message).toContain('not called')
    expect(world.entries(ITEMS)).toHaveLength(2)
  })

  it('comes with the host to call, which all processes keep; a configured endpoint wins over it', async () => {
    world.seed({ settings: { api_domain: 'https://www.zohoapis.eu' } })

    expect(inWords((await ask()).items)).toEqual(['A tracked 5'])
    expect(await world.account.recall('api_domain')).toBe('https://www.zohoapis.eu')
  })

  it.each(databases)('is shared by all processes, and given up five minutes early ($name)', async (database) => {
    const shared = await sharedWorld(world, database)
    const [one, two] = [shared.process(), shared.process()]

    await ask(one)
    await Promise.all([ask(one), ask(two), ask(shared.process())])
    expect(world.entries(TOKEN)).toHaveLength(1)

    world.sandbox.clock.advance(HOUR - 6 * MINUTE - 1)
    await ask(one)
    expect(world.entries(TOKEN)).toHaveLength(1)

    world.sandbox.clock.advance(MINUTE)
    await ask(two)
    expect(world.entries(TOKEN)).toHaveLength(2)
    await shared.close()
  })

  it.each(databases.slice(0, 1))(
    'is not asked for more than ten times in ten minutes, whatever happens ($name)',
    async (database) => {
      const shared = await sharedWorld(world, database)
      const failures: Error[] = []
      for (let minute = 0; minute < 20; minute += 1) {
        world.act('expire-tokens')
        await ask(shared.process()).catch((error: Error) => failures.push(error))
        world.sandbox.clock.advance(MINUTE)
      }

      const at = world.entries(TOKEN).map((entry) => entry.at)
      expect(at.length).toBeGreaterThan(10)
      for (const start of at)
        expect(at.filter((each) => each >= start && each < start + 10 * MINUTE).length).toBeLessThanOrEqual(10)
      expect(world.sandbox.books('zoho')).toMatchObject({ tokens: [{ refused: 0 }] })
      expect(failures.length).toBeGreaterThan(0)
      for (const error of failures) expect(error).toBeInstanceOf(ThrottledError)
      await shared.close()
    },
  )
})

describe('the token endpoint', () => {
  it.each([400, 200] as const)(
    'that hides a throttle in a refusal (%i) makes us wait ten minutes',
    async (token_error_status) => {
      world.seed({ settings: { token_error_status } })
      const form = 'grant_type=refresh_token&client_id=sandbox-client&client_secret=sandbox-secret&refresh_token=sandbox-refresh'
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      for (let i = 0; i < 10; i += 1)
        await fetch(`${world.sandbox.origins.zoho}/oauth/v2/token`, { method: 'POST', headers, body: form })

      const error = await failureOf(ask())

      expect(error).toBeInstanceOf(ThrottledError)
      expect(error).toMatchObject({ operation: 'token', waitMs: 10 * MINUTE, status: token_error_status })
      expect(error.message).toContain('too many tokens were asked for; free again in 10 min')
      expect(world.account.opened).toEqual([])
      expect(world.account.drained).toEqual([{ bucket: 'token', until: NOW + 10 * MINUTE }])
    },
  )

  it.each([400, 200] as const)('that says the refresh token is revoked (%i) stops the account', async (token_error_status) => {
    world.seed({ settings: { token_error_status } })
    world.act('revoke')

    const error = await failureOf(ask())

    expect(error).toBeInstanceOf(AuthError)
    expect(error.message).toContain('zoho token: answered invalid_code: the refresh token was revoked')
    expect(world.account.opened).toHaveLength(1)
    expect(await failureOf(ask())).toBeInstanceOf(AuthError)
    expect(world.entries(TOKEN)).toHaveLength(1)
  })

  it('that does not know the client stops the account and speaks of the data centre', async () => {
    const credentials = { clientId: 'other', clientSecret: 'other-secret-1', refreshToken: 'other-refresh-1' }

    const error = await failureOf(ask(world.again({ credentials })))

    expect(error).toBeInstanceOf(AuthError)
    expect(error.message).toContain('invalid_client: client id or secret is wrong, or belongs to another data centre')
    expect(error.message).not.toContain('other-')
  })

  it.each<[string, Partial<Fault>, string, object]>([
    ['429', { status: 429, body: '' }, 'throttled', { waitMs: 10 * MINUTE }],
    ['invalid_grant', { status: 400, body: { error: 'invalid_grant' } }, 'auth', {}],
    ['a word we do not know', { status: 400, body: { error: 'general_error' } }, 'retryable', {}],
    ['a page for people', { status: 403, body: '<html>no</html>' }, 'retryable', {}],
    ['trouble', { status: 503, body: '' }, 'retryable', {}],
    ['an empty token', { status: 200, body: { access_token: '' } }, 'retryable', {}],
    ['nothing', { kind: 'cut' }, 'retryable', {}],
  ])('that answers %s', async (_, fault, kind, more) => {
    spoil('token', fault)

    expect(await failureOf(ask())).toMatchObject({ kind, operation: 'token', ...more })
  })

  it('is believed by its token and not by its status', async () => {
    spoil('token', { status: 400, body: { access_token: 'x', expires_in: '3600' } })

    await ask()

    expect(world.account.minted[0]).toBe('x')
  })
})

describe('the host of the API', () => {
  const settings = { ...settingsFor({ origins: { zoho: '' } } as ZohoWorld['sandbox']) }
  const { endpoint: _, ...open } = settings

  it.each([
    ['com', undefined, 'https://www.zohoapis.com'],
    ['com.au', '', 'https://www.zohoapis.com.au'],
    ['com', 'https://www.zohoapis.eu', 'https://www.zohoapis.eu'],
    ['eu', 'https://www.zohoapis.in/', 'https://www.zohoapis.in'],
    ['eu', 'https://www.zohoapis.com.evil.example', 'https://www.zohoapis.eu'],
    ['jp', 'http://www.zohoapis.jp', 'https://www.zohoapis.jp'],
  ] as const)('of data centre %s, told %s, is %s', (dataCenter, told, origin) => {
    expect(apiOrigin({ ...open, dataCenter }, told)).toBe(origin)
  })

  it('is the configured one where there is one, whatever is told', () => {
    expect(apiOrigin({ ...open, endpoint: 'http://127.0.0.1:4604/' }, 'https://www.zohoapis.eu')).toBe('http://127.0.0.1:4604')
  })
})
