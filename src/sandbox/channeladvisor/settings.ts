import { type Reader, reader } from './compact.ts'

const KEYS = [
  'page_size',
  'product_page_size',
  'narrow_product_page_size',
  'trailing_link',
  'collection_cut',
  'url_limit',
  'ship_status',
  'user_data_days',
  'upload_ms',
]

export interface Settings {
  /** Orders and fulfillments of one page: 20 by the older pages, up to 100 by the newer ones (contract section 9). */
  readonly pageSize: number
  readonly productPageSize: number
  /** Where $select asks for few properties. */
  readonly narrowProductPageSize: number
  /** A last page that is full has a link too, and that one leads to the first page again. */
  readonly trailingLink: boolean
  /** Members of an expanded collection in a list (contract section 9). */
  readonly collectionCut: number
  /** Characters of path and query; beyond it is a 414. */
  readonly urlLimit: number
  /** How Ship says yes. */
  readonly shipStatus: 200 | 204
  /** From the import of an order until buyer and address are taken out of it. */
  readonly userDataDays: number
  /** From the upload of a file until it is worked off. */
  readonly uploadMs: number
}

export const DEFAULT_SETTINGS: Settings = {
  pageSize: 100,
  productPageSize: 100,
  narrowProductPageSize: 500,
  trailingLink: false,
  collectionCut: 20,
  urlLimit: 4096,
  shipStatus: 204,
  userDataDays: 30,
  uploadMs: 60_000,
}

/** The `settings` of a seed over what is set. */
export function readSettings(value: unknown, before: Settings): Settings {
  const given = reader('settings', value, KEYS)
  const atLeastOne = (key: string, fallback: number) => {
    const count = given.count(key) ?? fallback
    if (count === 0) throw new Error(`settings.${key}: must be 1 or more`)
    return count
  }
  return {
    pageSize: atLeastOne('page_size', before.pageSize),
    productPageSize: atLeastOne('product_page_size', before.productPageSize),
    narrowProductPageSize: atLeastOne('narrow_product_page_size', before.narrowProductPageSize),
    trailingLink: given.flag('trailing_link') ?? before.trailingLink,
    collectionCut: atLeastOne('collection_cut', before.collectionCut),
    urlLimit: atLeastOne('url_limit', before.urlLimit),
    shipStatus: readShipStatus(given) ?? before.shipStatus,
    userDataDays: given.count('user_data_days') ?? before.userDataDays,
    uploadMs: given.count('upload_ms') ?? before.uploadMs,
  }
}

function readShipStatus(given: Reader): 200 | 204 | undefined {
  const status = given.count('ship_status')
  if (status !== undefined && status !== 200 && status !== 204) throw new Error('settings.ship_status: must be 200 or 204')
  return status
}
