import type { SandboxReply, SandboxRequest } from '../stand-in.ts'
import { distortList, type Odd } from './answers.ts'
import { details } from './item-wire.ts'
import type { State } from './state.ts'
import { fail, invalidValue, ok } from './wire.ts'

/** GET /items/{item_id}: contract section 4. */
export function oneItem(state: State, id: string, isOwner: boolean): SandboxReply {
  const item = isOwner ? state.catalogue.get(id) : undefined
  return item === undefined ? fail(404, 1002, 'Item does not exist.') : ok({ item: details(state, item) })
}

/** GET /itemdetails?item_ids=a,b: the same in bulk, in the order asked for. Ids that nobody knows are left out. */
export function bulkDetails(state: State, request: SandboxRequest, isOwner: boolean, odd: Odd | undefined): SandboxReply {
  const asked = (request.query.get('item_ids') ?? '').split(',').map((id) => id.trim())
  const ids = [...new Set(asked)].filter((id) => id !== '')
  if (ids.length === 0 || ids.length > state.settings.details_per_call) return invalidValue('item_ids')
  const items = ids.flatMap((id) => (isOwner ? (state.catalogue.get(id) ?? []) : []))
  const rows = items.map((item) => details(state, item))
  return distortList(odd, rows, (shown) => ok(shown === undefined ? {} : { items: shown }))
}
