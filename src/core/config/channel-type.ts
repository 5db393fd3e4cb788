import * as z from 'zod'
import type { CommonChannel } from './channel-keys.ts'
import { inWords } from './fields.ts'
import { isList } from './resolve.ts'
import type { Tree, TreeMap } from './tree.ts'

/** What is wrong with a channel beyond what its keys tell one by one; the path starts below the channel. */
export interface ChannelProblem {
  readonly path: readonly string[]
  readonly message: string
}

/** A channel as the file gives it, checked: what every channel has, and what its own type makes of the rest. */
export interface ReadChannel<V> {
  readonly channel: CommonChannel
  readonly vendor: V
}

/** A kind of marketplace account that the configuration may name. `V` is what the program needs to work on such a channel. */
export interface ChannelType<V> {
  /** The word that stands in the key `type`. */
  readonly type: string
  /** Every key of such a channel. */
  readonly section: z.ZodObject
  readonly schema: z.ZodType<ReadChannel<V>>
  /** Rules that need more than one key. They are told together with what is wrong with single keys. */
  problems(given: TreeMap, others: readonly TreeMap[]): readonly ChannelProblem[]
}

/** Makes a type of channel from the section that checks its keys and from what is to be known of a checked one. */
export function channelType<S extends z.ZodObject & z.ZodType<CommonChannel>, V>(
  type: string,
  section: S,
  vendorOf: (channel: z.output<S>) => V,
  problems: ChannelType<V>['problems'] = () => [],
): ChannelType<V> {
  return { type, section, schema: section.transform((channel) => ({ channel, vendor: vendorOf(channel) })), problems }
}

/** Reads a channel by the type that it names itself. */
export function channelSchema<V>(types: readonly ChannelType<V>[]) {
  const words = inWords(types.map(({ type }) => type))
  return z.unknown().transform((given, context): ReadChannel<V> => {
    if (typeof given !== 'object' || given === null || Array.isArray(given)) {
      context.issues.push({ code: 'custom', message: 'must be a section of keys', input: given })
      return z.NEVER
    }
    const named = Reflect.get(given, 'type')
    const type = types.find((candidate) => candidate.type === named)
    if (type === undefined) {
      context.issues.push({ code: 'custom', path: ['type'], message: `must be ${words}`, input: named })
      return z.NEVER
    }
    const read = type.schema.safeParse(given, { jitless: true })
    if (read.success) return read.data
    for (const issue of read.error.issues) context.issues.push(passedOn(issue, given))
    return z.NEVER
  })
}

/** The loader words these two in its own way; of all others it needs place and message only. */
function passedOn(issue: z.core.$ZodIssue, input: object): z.core.$ZodRawIssue {
  const { path, message } = issue
  if (issue.code === 'unrecognized_keys') return { code: issue.code, keys: issue.keys, path, message, input: {} }
  if (issue.code === 'invalid_key') return { code: issue.code, origin: issue.origin, issues: issue.issues, path, message, input }
  return { code: 'custom', path, message, input }
}

/** What stands there, where it is a section; nothing else counts. */
export function mapAt(value: Tree | undefined): TreeMap {
  return value === undefined || typeof value === 'string' || isList(value) ? {} : value
}
