import { CENTER_TYPES, type Center, isExternal } from './center.ts'
import { reader } from './compact.ts'
import type { State } from './state.ts'

/** `[{id, code?, name?, type?, deleted?}]`: replaces the default one, ID 0, by what is given. */
export function readCenters(state: State, documents: readonly unknown[]): void {
  if (state.centers.get(0)?.code === 'DEFAULT') state.centers.delete(0)
  for (const document of documents) {
    const given = reader('distribution_centers', document, ['id', 'code', 'name', 'type', 'deleted'])
    // Those of Amazon and the like have numbers below 0.
    const id = given.whole('id')
    if (id === undefined) throw new Error('distribution_centers: id is missing')
    const code = given.text('code') ?? `DC${id}`
    state.centers.set(id, {
      id,
      code,
      name: given.text('name') ?? code,
      type: given.oneOf('type', CENTER_TYPES) ?? 'Warehouse',
      isDeleted: given.flag('deleted') ?? false,
    })
  }
}

/** The first that is the seller's own, or whichever there is. */
export function usualCenter(state: State): Center {
  const centers = [...state.centers.values()]
  const center = centers.find((each) => !isExternal(each) && !each.isDeleted) ?? centers[0]
  if (center === undefined) throw new Error('there is no distribution center')
  return center
}
