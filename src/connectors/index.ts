import type { ChannelType } from '../core/config/channel-type.ts'
import { amazonChannel } from './amazon/config.ts'
import type { ChannelVendor } from './channel.ts'
import { ebayChannel } from './ebay/config.ts'
import { fileChannel } from './file/config.ts'
import { miraklChannel } from './mirakl/config.ts'
import { rithumChannel } from './rithum/config.ts'

export type { ChannelVendor } from './channel.ts'

/** Every type of channel. A new one is one more line here; docs/adding-a-channel.md tells the rest. */
export const channelTypes: readonly ChannelType<ChannelVendor>[] = [
  amazonChannel,
  ebayChannel,
  fileChannel,
  miraklChannel,
  rithumChannel,
]

/** The vendors that are no channels. Each is loaded when it is first asked for: cron pays for every line that a start loads. */
export const connectors = {
  shipstation: async () => (await import('./shipstation/connector.ts')).createShipStationConnector,
  zoho: async () => (await import('./zoho/connector.ts')).createZohoConnector,
}
