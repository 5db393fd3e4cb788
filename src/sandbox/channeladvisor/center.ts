import type { Kind } from './odata-kind.ts'

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
