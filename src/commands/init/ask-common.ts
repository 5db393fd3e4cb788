import { safeParse, type z } from 'zod'
import { channelCodePattern } from '../../core/config/channel-keys.ts'
import { channelKey } from '../shell/configuration.ts'
import type { ChannelAnswers } from './answers.ts'
import type { Ask } from './ask.ts'

/** The same check that the configuration file gets. */
export function by(schema: z.core.$ZodType): (answer: unknown) => true | string {
  return (answer) => {
    const result = safeParse(schema, answer, { jitless: true })
    return result.success || (result.error.issues[0]?.message ?? 'this cannot be used')
  }
}

/** The name of the channel. */
export function askCode(ask: Ask, known: readonly ChannelAnswers[], suggested: string): Promise<string> {
  return ask.text('A name for this channel (it stays for ever)?', {
    default: suggested.slice(0, 24),
    check(answer) {
      if (known.some(({ code }) => code === answer)) return 'there is a channel of this name already'
      return channelCodePattern.test(answer) || 'lower case letters, digits and dashes, at most 24, such as amazon-us'
    },
  })
}

/** Where ShipStation puts its orders. */
export async function askStore(ask: Ask): Promise<number> {
  const check = by(channelKey('amazon', 'shipstation_store_id'))
  return Number(await ask.text('ShipStation store id for its orders (a manual store)?', { check }))
}
