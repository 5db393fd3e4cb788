import { reader } from './compact.ts'
import type { Kind } from './odata-kind.ts'
import type { State } from './state.ts'

export const CENTER_TYPES = ['Warehouse', 'ExternallyManaged', 'DropShip', 'RetailStore'] as const

/** A distribution center. */
export interface Center {
  readonly id: number
  readonly code: string
  readonly name: string
  readonly type: (typeof CENTER_TYPES)[number]
  readonly isDeleted: boolean
}

/** FBA, WFS and the like: nobody but their operator writes there (contract section 10). */
export function isExternal(center: Center): boolean {
  return center.type === 'ExternallyManaged'
}

/** `[{id, code?, name?, type?, deleted?}]`: replaces the default one, ID 0, by what is given. */
export function readCenters(state: State, documents: readonly unknown[]): void {
  if (state.centers.get(0)?.code === 'DEFAULT') state.centers.delete(0)
  for (const document of documents) {
    const given = reader('distribution_centers', document, ['id', 'code', 'name', 'type', 'deleted'])
    const id = given.count('id')
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

export const CENTERS: Kind<Center> = {
  set: 'DistributionCenters',
  fields: {
    ID: { type: 'int', of: ({ id }) => id },
    Code: { type: 'string', of: ({ code }) => code },
    Name: { type: 'string', of: ({ name }) => name },
    Type: { type: CENTER_TYPES, of: ({ type }) => type },
    IsExternallyManaged: { type: 'boolean', of: (center) => isExternal(center) },
    IsDeleted: { type: 'boolean', of: ({ isDeleted }) => isDeleted },
  },
  links: {},
}
