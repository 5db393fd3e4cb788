import type { z } from 'zod'
import { AuthError, type ConnectorError, ThrottledError } from '../../core/errors.ts'
import type { VendorAnswer, VendorCall } from '../../core/ports/gate.ts'
import { fetchTransport } from '../http/fetch.ts'
import type { Gate } from '../http/gate.ts'
import { exactJsonOf, readAnswer } from '../http/json.ts'
import { type Budget, createBudget, type Purse } from './budget.ts'
import { apiOrigin, type ZohoSettings } from './settings.ts'
import { API_DOMAIN_NOTE, exchangeToken } from './token.ts'
import { errorIn, limitOf, type Said, saidBy, saysGone, throttledBy, tokenRefused, waitAfter } from './verdict.ts'

/** How often a call in the middle of a list is made when Zoho answers that its minute is full: a list begun anew would cost more. */
const TRIES_IN_A_LIST = 3

export interface ZohoRequest {
  /** The last part of the path, by which limits, logs and counts know the call. */
  readonly operation: 'items' | 'itemdetails' | 'organizations'
  readonly query?: Readonly<Record<string, string>>
  readonly purse: Purse
  /** How many calls of the day must be left, where this one begins a longer reading. Default 1. */
  readonly ahead?: number
}

export interface ZohoClient {
  readonly gate: Gate
  readonly settings: ZohoSettings
  readonly budget: Budget
  /** The answer when it is good; throws ConnectorError or StoppedError otherwise. */
  send(request: ZohoRequest, signal: AbortSignal): Promise<VendorAnswer>
  /** {@link send}, read by `schema`, to which every number is text. */
  read<T>(request: ZohoRequest, schema: z.ZodType<T>, signal: AbortSignal): Promise<T>
  /** {@link read}; undefined when Zoho says that what was asked for does not exist. */
  find<T>(request: ZohoRequest, schema: z.ZodType<T>, signal: AbortSignal): Promise<T | undefined>
}

interface Heard {
  readonly answer: VendorAnswer
  readonly said: Said
}

/** Calls of one organization: token, both limits, one repeat with a fresh token, error classes (contract sections 2, 7 and 8). */
export function createClient(gate: Gate, settings: ZohoSettings): ZohoClient {
  const budget = createBudget(gate, settings)

  const tokenOf = (signal: AbortSignal, rejected?: string) =>
    gate.shared.token(() => exchangeToken(gate, settings, signal), rejected)

  async function deliver(request: ZohoRequest, token: string, signal: AbortSignal): Promise<VendorAnswer> {
    await gate.shared.assertClosed(request.operation)
    await budget.takeOfDay(request.operation, request.purse, request.ahead ?? 1)
    // Asked for the organizations themselves, Zoho needs none, and a wrong one would hide the right ones.
    const whose = request.operation === 'organizations' ? {} : { organization_id: settings.organizationId }
    const query = new URLSearchParams({ ...whose, ...request.query })
    const origin = apiOrigin(settings, await gate.shared.recall(API_DOMAIN_NOTE))
    const transport = fetchTransport({
      url: `${origin}/inventory/v1/${request.operation}?${query}`,
      method: 'GET',
      headers: { authorization: `Zoho-oauthtoken ${token}`, accept: 'application/json' },
    })
    const call = { ...callOf(settings, request), rate: await budget.rate() }
    const answer = await gate.send(call, transport, signal)
    await budget.heed(answer)
    return answer
  }

  async function attempt(request: ZohoRequest, signal: AbortSignal): Promise<Heard> {
    const token = await tokenOf(signal)
    const heard = hear(await deliver(request, token, signal))
    if (!tokenRefused(heard.answer, heard.said)) return heard
    return hear(await deliver(request, await tokenOf(signal, token), signal))
  }

  /** A refusal may come with status 200, and may quote the request like any other. */
  function hear(answer: VendorAnswer): Heard {
    const said = saidBy(answer)
    if (said.code === '0') return { answer, said }
    const clean = gate.clean(answer)
    return { answer: clean, said: saidBy(clean) }
  }

  async function judge(request: ZohoRequest, { answer, said }: Heard): Promise<ConnectorError | undefined> {
    const limit = limitOf(answer, said)
    if (limit !== undefined) {
      const waitMs = limit === 'day' ? await budget.dayIsOver(answer) : waitAfter(limit, answer, gate.clock.now())
      if (limit !== 'day') await budget.pause(waitMs)
      if (limit === 'minute') await budget.slowDown()
      const facts = { account: gate.account, operation: request.operation, status: answer.status }
      return throttledBy(limit, facts, waitMs)
    }
    const error = errorIn(gate.account, settings, callOf(settings, request), answer, said)
    return error instanceof AuthError ? gate.refuse(error) : error
  }

  /** Undefined: what was asked for does not exist. */
  async function reach(request: ZohoRequest, signal: AbortSignal, orGone: boolean): Promise<VendorAnswer | undefined> {
    for (let tries = 1; ; tries += 1) {
      const heard = await attempt(request, signal)
      if (orGone && saysGone(heard.said)) return undefined
      const error = await judge(request, heard)
      if (error === undefined) return heard.answer
      // The bucket is blocked for as long as Zoho wants; the gate waits for it, if the run has that much time.
      const passes = error instanceof ThrottledError && limitOf(heard.answer, heard.said) !== 'day' && request.purse === 'full'
      if (!passes || tries >= TRIES_IN_A_LIST) throw error
    }
  }

  async function send(request: ZohoRequest, signal: AbortSignal): Promise<VendorAnswer> {
    const answer = await reach(request, signal, false)
    if (answer === undefined) throw new Error('a call that may not find anything found nothing')
    return answer
  }

  const readIt = <T>(request: ZohoRequest, answer: VendorAnswer, schema: z.ZodType<T>): T =>
    readAnswer(gate.account, callOf(settings, request), answer, schema, exactJsonOf)

  return {
    gate,
    settings,
    budget,
    send,
    read: async (request, schema, signal) => readIt(request, await send(request, signal), schema),
    async find(request, schema, signal) {
      const answer = await reach(request, signal, true)
      return answer === undefined ? undefined : readIt(request, answer, schema)
    },
  }
}

function callOf({ timeoutMs }: ZohoSettings, { operation }: ZohoRequest): VendorCall {
  return { operation, effect: 'read', timeoutMs }
}
