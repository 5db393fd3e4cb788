import { keyringProblem } from '../privacy/keys.ts'
import { channelCodePattern } from './channel-keys.ts'
import { type ChannelType, mapAt } from './channel-type.ts'
import type { Path } from './problems.ts'
import type { ResolvedTree } from './resolve.ts'

interface Problem {
  readonly path: Path
  readonly message: string
}

/** Rules that need more than one key, or more than the schema may see. They hold for files with other problems too. */
export function crossChecks(resolved: ResolvedTree, types: readonly ChannelType<unknown>[]): readonly Problem[] {
  return [...keyProblems(resolved), ...channelProblems(resolved, types), ...tagProblems(resolved), ...webhookProblems(resolved)]
}

function keyProblems(resolved: ResolvedTree): readonly Problem[] {
  const keys = resolved.tree.encryption_keys
  const path = ['encryption_keys']
  if (typeof keys !== 'string' || resolved.isUnresolved(path)) return []
  const problem = keyringProblem(keys)
  return problem === undefined ? [] : [{ path, message: `${problem}; openssl rand -base64 32 makes a key` }]
}

const codeRule =
  'a channel code must be 1 to 24 lower case letters, digits and dashes, and none of shipstation, zoho, email, sms, slack'

function channelProblems({ tree }: ResolvedTree, types: readonly ChannelType<unknown>[]): readonly Problem[] {
  const channels = Object.entries(mapAt(tree.channels))
  return channels.flatMap(([code, channel]) => {
    const badCode = channelCodePattern.test(code) ? [] : [{ path: ['channels', code], message: codeRule }]
    const given = mapAt(channel)
    const others = channels.filter(([other]) => other !== code).map(([, other]) => mapAt(other))
    const own = types.find(({ type }) => type === given.type)?.problems(given, others) ?? []
    return [...badCode, ...own.map(({ path, message }) => ({ path: ['channels', code, ...path], message }))]
  })
}

function tagProblems(resolved: ResolvedTree): readonly Problem[] {
  const channels = mapAt(resolved.tree.channels)
  const tagged = Object.keys(mapAt(mapAt(resolved.tree.shipstation).tags))
  return tagged
    .filter((code) => channels[code] === undefined)
    .map((code) => ({ path: ['shipstation', 'tags', code], message: 'names a channel that is not in channels' }))
}

/** Senders that nobody would be at work for: told here, or their webhooks would be taken and lead to nothing. */
function webhookProblems({ tree }: ResolvedTree): readonly Problem[] {
  const channels = mapAt(tree.channels)
  const webhooks = mapAt(tree.webhooks)
  const hasType = (type: string) => Object.values(channels).some((channel) => mapAt(channel).type === type)
  const problems: Problem[] = Object.keys(mapAt(webhooks.orders))
    .filter((code) => channels[code] === undefined)
    .map((code) => ({ path: ['webhooks', 'orders', code], message: 'names a channel that is not in channels' }))
  if (webhooks.zoho !== undefined && tree.zoho === undefined)
    problems.push({ path: ['webhooks', 'zoho'], message: 'needs the section zoho: what Zoho speaks of is read there' })
  for (const type of ['amazon', 'ebay'])
    if (webhooks[type] !== undefined && !hasType(type))
      problems.push({ path: ['webhooks', type], message: `needs a channel of the type ${type}` })
  if (webhooks.ebay !== undefined && mapAt(tree.serve).public_url === undefined)
    problems.push({
      path: ['serve', 'public_url'],
      message: "is needed with webhooks.ebay: eBay's handshake is made over the whole address",
    })
  return problems
}
