import { amazonChannel } from './amazon.ts'
import type { DemoChannel } from './channel.ts'
import { channelAdvisorChannel } from './channeladvisor.ts'
import { dscoChannel } from './dsco.ts'
import { ebayChannel } from './ebay.ts'
import { miraklChannel } from './mirakl.ts'

/** Those of `isync init --sandbox`, in the order of its configuration. */
export const demoChannels: readonly DemoChannel[] = [
  amazonChannel,
  miraklChannel,
  ebayChannel,
  dscoChannel,
  channelAdvisorChannel,
]
