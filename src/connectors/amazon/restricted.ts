import { AuthError, PermanentError } from '../../core/errors.ts'
import type { AmazonClient, TokenSource } from './client.ts'
import { restrictedTokenReply } from './wire.ts'

const TOKEN_MARGIN_MS = 5 * 60_000

/** What a restricted data token opens. */
interface Resource {
  readonly path: string
  /** Empty for what is restricted as a whole: documents of reports. */
  readonly dataElements: readonly string[]
}

/** A restricted data token for these resources, kept in this process for as long as it lives. `probe`: only to see whether it is given. */
export function restricted(client: AmazonClient, resources: readonly Resource[], probe = false): TokenSource {
  let kept: { readonly token: string; readonly until: number } | undefined
  let asking: Promise<string> | undefined

  async function ask(signal: AbortSignal): Promise<string> {
    const askedAt = client.gate.clock.now()
    const restrictedResources = resources.map(({ path, dataElements }) => ({
      method: 'GET',
      path,
      ...(dataElements.length === 0 ? {} : { dataElements }),
    }))
    const request = { operation: 'createRestrictedDataToken', body: { restrictedResources }, probe } as const
    const reply = await client.read(request, restrictedTokenReply, signal)
    kept = { token: reply.restrictedDataToken, until: askedAt + reply.expiresIn * 1000 - TOKEN_MARGIN_MS }
    return kept.token
  }

  return async (signal, rejected) => {
    if (kept !== undefined && kept.until > client.gate.clock.now() && kept.token !== rejected) return kept.token
    // Calls that are made side by side share one.
    asking ??= ask(signal).finally(() => {
      asking = undefined
    })
    return asking
  }
}

/**
 * The same, for what nothing can be done without: a missing role closes the account. The token is refused as bad input then (contract
 * section 1), and orders of v0 have no address without it, so nothing could be shipped.
 */
export function indispensable(client: AmazonClient, resources: readonly Resource[]): TokenSource {
  const token = restricted(client, resources)
  return (signal, rejected) => token(signal, rejected).catch((error: unknown) => roleMissing(client, error))
}

async function roleMissing(client: AmazonClient, error: unknown): Promise<never> {
  if (!(error instanceof PermanentError) || error.status !== 400) throw error
  const what = 'the app may not read addresses: add the restricted role "Direct-to-Consumer Shipping" and authorise the app again'
  throw await client.gate.refuse(
    new AuthError(what, { account: error.account, operation: error.operation, status: 400 }, { cause: error }),
  )
}
