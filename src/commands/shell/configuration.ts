import { statSync } from 'node:fs'
import { dirname, join } from 'node:path'
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

/** When the file or the .env beside it was last changed. Undefined in a rehearsal: its clock is not that of the disk. */
export function changedAt(file: string): number | undefined {
  if (process.env.ISYNC_CLOCK_FILE !== undefined) return undefined
  const times = [file, join(dirname(file), '.env')].map((one) => statSync(one, { throwIfNoEntry: false })?.mtimeMs ?? 0)
  return Math.max(...times)
}

/** What the file's check says of one key of a type of channel. Throws where there is no such key: a slip in the program. */
export function channelKey(type: string, key: string): z.core.$ZodType {
  const schema = channelTypes.find((candidate) => candidate.type === type)?.section.shape[key]
  if (schema === undefined) throw new Error(`no key ${key} of ${type}`)
  return schema
}
