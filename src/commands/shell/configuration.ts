import type { z } from 'zod'
import { type ChannelVendor, channelTypes } from '../../connectors/index.ts'
import { loadConfig } from '../../core/config/load.ts'
import type { Config } from '../../core/config/schema.ts'
import type { CommonOptions } from './options.ts'

export type Configuration = Config<ChannelVendor>

/** The configuration that this process is to work with. Throws ConfigError with every problem at once (exit 2). */
export function loadConfiguration({ config }: Pick<CommonOptions, 'config'>): Configuration {
  return loadConfig({ cwd: process.cwd(), env: process.env, ...(config === undefined ? {} : { flag: config }) }, channelTypes)
}

/** What the file's check says of one key of a type of channel. Throws where there is no such key: a slip in the program. */
export function channelKey(type: string, key: string): z.core.$ZodType {
  const schema = channelTypes.find((candidate) => candidate.type === type)?.section.shape[key]
  if (schema === undefined) throw new Error(`no key ${key} of ${type}`)
  return schema
}
