import { keyringProblem } from '../privacy/keys.ts'
import { channelCodePattern } from './channels.ts'
import type { Path } from './problems.ts'
import { isList, type ResolvedTree } from './resolve.ts'
import type { Tree, TreeMap } from './tree.ts'

interface Problem {
  readonly path: Path
  readonly message: string
}

/** Rules that need more than one key, or more than the schema may see. They hold for files with other problems too. */
export function crossChecks(resolved: ResolvedTree): readonly Problem[] {
  return [...keyProblems(resolved), ...channelProblems(resolved), ...tagProblems(resolved)]
}

function keyProblems(resolved: ResolvedTree): readonly Problem[] {
  const keys = resolved.tree.encryption_keys
  const path = ['encryption_keys']
  if (typeof keys !== 'string' || resolved.isUnresolved(path)) return []
  const problem = keyringProblem(keys)
  return problem === undefined ? [] : [{ path, message: `${problem}; openssl rand -base64 32 makes a key` }]
}

const codeRule = 'a channel code must be 1 to 24 lower case letters, digits and dashes, and none of shipstation, zoho'

const rithumCredentials = new Map([
  ['dsco oauth2', ['client_id', 'client_secret']],
  ['dsco static', ['token']],
  ['channeladvisor oauth2', ['application_id', 'shared_secret', 'refresh_token']],
])

function channelProblems(resolved: ResolvedTree): readonly Problem[] {
  const problems: Problem[] = []
  for (const [code, channel] of Object.entries(mapAt(resolved.tree.channels))) {
    if (!channelCodePattern.test(code)) problems.push({ path: ['channels', code], message: codeRule })
    if (typeof channel === 'string' || isList(channel) || channel.type !== 'rithum') continue
    const kind = `${channel.product ?? 'dsco'} ${channel.auth ?? 'oauth2'}`
    const path = ['channels', code]
    if (kind === 'channeladvisor static')
      problems.push({ path: [...path, 'auth'], message: "must be oauth2 with product 'channeladvisor'" })
    const given = mapAt(channel.credentials)
    for (const name of rithumCredentials.get(kind) ?? []) {
      if (given[name] === undefined)
        problems.push({ path: [...path, 'credentials', name], message: `is missing; needed for ${kind}` })
    }
  }
  return problems
}

function tagProblems(resolved: ResolvedTree): readonly Problem[] {
  const channels = mapAt(resolved.tree.channels)
  const tagged = Object.keys(mapAt(mapAt(resolved.tree.shipstation).tags))
  return tagged
    .filter((code) => channels[code] === undefined)
    .map((code) => ({ path: ['shipstation', 'tags', code], message: 'names a channel that is not in channels' }))
}

function mapAt(value: Tree | undefined): TreeMap {
  return value === undefined || typeof value === 'string' || isList(value) ? {} : value
}
