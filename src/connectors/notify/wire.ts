import type RequestClient from 'twilio/lib/base/RequestClient.js'
import type { MessageListInstance } from 'twilio/lib/rest/api/v2010/account/message.js'
import type Twilio from 'twilio/lib/rest/Twilio.js'
import * as z from 'zod'

/** What we read of a message that Twilio has taken. `accepted`, `queued` or `sending`: taken, not delivered. */
export const smsMessage = z.object({
  sid: z.string(),
  status: z.string(),
  body: z.string().nullable(),
  to: z.string().nullable(),
  /** RFC 2822 */
  date_created: z.string().nullable(),
})

export type SmsMessage = z.output<typeof smsMessage>

export const smsList = z.object({ messages: z.array(smsMessage) })

export const smsProblem = z.object({ code: z.number().optional(), message: z.string().optional() })

/** A request as the package makes it. */
export interface TwilioRequest {
  readonly method: string
  readonly uri: string
  readonly username: string
  readonly password: string
  readonly headers: Readonly<Record<string, string>>
  readonly params?: Readonly<Record<string, unknown>>
  readonly data?: Readonly<Record<string, unknown>>
}

export interface TwilioAnswer {
  readonly statusCode: number
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
}

/** Whose account it is. */
export interface TwilioAccount {
  readonly accountSid: string
  readonly apiKeySid?: string
  readonly token: string
}

/**
 * The package's list of messages, over a transport of ours: its own takes the host from region and edge only, and knows no deadline of a
 * whole call. Of the package only this list is loaded; the rest of it is eight times as large.
 */
export async function messagesOf(
  { accountSid, apiKeySid, token }: TwilioAccount,
  request: (request: TwilioRequest) => Promise<TwilioAnswer>,
): Promise<MessageListInstance> {
  const [{ default: base }, { default: domain }, { default: version }, { default: message }] = await Promise.all([
    import('twilio/lib/base/BaseTwilio.js'),
    import('twilio/lib/base/Domain.js'),
    import('twilio/lib/base/Version.js'),
    import('twilio/lib/rest/api/v2010/account/message.js'),
  ])
  // The package asks for its own class, of which it calls this one method.
  const httpClient = { request } as unknown as RequestClient
  const client = new base.Client(apiKeySid ?? accountSid, token, { accountSid, httpClient })
  const api = new (unwrapped(domain))(client as unknown as Twilio, 'https://api.twilio.com')
  const v2010 = new (unwrapped(version))(api, '2010-04-01') as Parameters<typeof message.MessageListInstance>[0]
  return message.MessageListInstance(v2010, accountSid)
}

/** A CommonJS module's class, which loaders give as it is or one level down. */
function unwrapped<T>(loaded: { readonly default: T }): T {
  return 'default' in loaded ? loaded.default : (loaded as unknown as T)
}
