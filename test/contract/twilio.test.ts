import { describe, expect, it } from 'vitest'
import { createNotifiers } from '../../src/connectors/notify/index.ts'
import type { Message } from '../../src/core/ports/notifier.ts'
import { people } from '../alerts/people.ts'
import { ACCOUNT_SID, API_KEY_SID, TOKEN } from '../alerts/twilio.ts'
import type { WebServer } from '../alerts/web-server.ts'
import { aClock } from '../world/a-clock.ts'
import { testGate } from '../world/gate.ts'
import { type Exchange, judge } from './check.ts'
import { MODELS_FOUND, titleWithModels, twilioOperations } from './models.ts'

const message: Message = {
  id: 'notice-1',
  subject: '',
  text: 'isync CRITICAL amazon-us',
  recipient: '+15557770001',
  createdAt: 0,
}
const signal = new AbortController().signal

describe.skipIf(!MODELS_FOUND)(titleWithModels('what is sent to Twilio, and what the stand-in answers'), () => {
  it('keep to the published model: sent by number, by service, with a key, looked up, refused', async () => {
    const clock = aClock()
    const { twilio, media } = await people(clock)
    const base = { accountSid: ACCOUNT_SID, token: TOKEN, to: ['+15557770001'], endpoint: twilio.origin, timeoutMs: 5_000 }
    const service = { ...base, apiKeySid: API_KEY_SID, messagingServiceSid: `MG${'0c'.repeat(16)}` }
    for (const sms of [media.sms ?? base, service]) {
      const [notifier] = await createNotifiers((medium) => testGate(medium, { clock }).gate, { sms })
      await notifier?.send(message, { signal })
      expect(await notifier?.find?.(message, clock.now(), { signal })).toMatchObject({ refused: [] })
      expect(await notifier?.find?.({ ...message, text: 'never sent' }, clock.now(), { signal })).toBeUndefined()
      twilio.moods.push('unknown-number')
      await expect(notifier?.send(message, { signal })).rejects.toMatchObject({ kind: 'permanent', status: 400 })
    }
    expect(twilio.heard.map(({ method }) => method)).toEqual(['POST', 'GET', 'GET', 'POST', 'POST', 'GET', 'GET', 'POST'])
    expect(verdicts(twilio)).toEqual([])
  })

  it('a key or a reply that the model does not have is seen', async () => {
    const { twilio } = await people(aClock())
    const headers = { Authorization: `Basic ${btoa(`${ACCOUNT_SID}:${TOKEN}`)}` }
    const body = new URLSearchParams({ To: '+15557770001', Body: 'x', Tos: 'y' })
    await fetch(`${twilio.origin}/2010-04-01/Accounts/${ACCOUNT_SID}/Messages.json`, { method: 'POST', headers, body })
    expect(verdicts(twilio)).toEqual([expect.stringContaining('Tos')])
  })
})

/** What of the traffic is not as the model has it. The model has the good answers only: of a refusal the request alone is held against it. */
function verdicts({ exchanges }: WebServer): readonly string[] {
  // Twilio is none of the sandbox's vendors: its model takes the place of another's.
  const models = { shipstation: twilioOperations() }
  return exchanges.flatMap(({ heard, reply }) => {
    const status = reply?.status ?? 0
    const exchange: Exchange = {
      n: 0,
      at: 0,
      vendor: 'shipstation',
      method: heard.method,
      path: heard.path,
      query: heard.query.toString(),
      requestBody: heard.body,
      ...(heard.body === '' ? {} : { requestType: heard.headers['content-type'] ?? '' }),
      status,
      replyBody: reply?.body ?? '',
      contentType: reply?.headers?.['content-type'] ?? '',
      ...(status >= 400 ? { fault: 'status' as const } : {}),
    }
    return judge(models, exchange).problems
  })
}
