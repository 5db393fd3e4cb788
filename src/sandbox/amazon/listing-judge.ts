import { type Availability, DEFAULT_CODE, GENERIC_TYPE, type Issue, isAmazonCode, type Listing } from './listing.ts'
import { isRecord, isText, type Json } from './wire.ts'

const OPS = ['add', 'replace', 'merge', 'delete'] as const
const AVAILABILITY = 'fulfillment_availability'
/** Attributes of an offer that may be written besides; the sandbox only remembers that they were. */
const OTHER_ATTRIBUTES = ['purchasable_offer', 'list_price', 'item_name', 'condition_type', 'merchant_shipping_group']
const FIELDS = [
  'fulfillment_channel_code',
  'quantity',
  'lead_time_to_ship_max_days',
  'restock_date',
  'is_inventory_available',
  'marketplace_id',
]
const MAX_QUANTITY = 99_999_999
const MAX_LEAD_DAYS = 30

/** One JSON Patch operation of a submission, its form checked. */
export interface Patch {
  readonly op: (typeof OPS)[number]
  readonly path: string
  readonly value: readonly Json[] | undefined
}

/** Turns the records of a listing into those after the submission. */
export type Change = (records: readonly Availability[]) => readonly Availability[]

export interface Judgement {
  /** None: the submission is taken. */
  readonly issues: readonly Issue[]
  readonly change: Change
  /** Attributes besides the availability. */
  readonly others: readonly string[]
}

/** The operations of a submission; `undefined` when they do not have the form of the model. */
export function readPatches(value: unknown): readonly Patch[] | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined
  const patches: Patch[] = []
  for (const each of value as readonly unknown[]) {
    if (!isRecord(each)) return undefined
    const { path, value: values } = each
    const op = OPS.find((known) => known === each['op'])
    if (op === undefined || !isText(path) || !(values === undefined || isListOfRecords(values))) return undefined
    patches.push({ op, path, value: values })
  }
  return patches
}

/** Whether a listing takes that product type; an offer-only patch may name the generic one. */
export function judgeType(listing: Listing, productType: string): readonly Issue[] {
  const generic = productType === GENERIC_TYPE && !listing.strictType
  if (generic || productType === listing.productType) return []
  return [
    issue('4000002', `The product type '${productType}' is not valid for this listing.`, 'product_type', 'INVALID_ATTRIBUTE'),
  ]
}

/** What the patches would do to the listing, or why they are refused (contract section 3). */
export function judgePatches(listing: Listing, patches: readonly Patch[]): Judgement {
  const issues: Issue[] = []
  const changes: Change[] = []
  const others: string[] = []
  for (const { op, path, value } of patches) {
    const [, root, name = '', ...deeper] = path.split('/')
    if (root !== 'attributes' || name === '' || deeper.length > 0) {
      issues.push(issue('BAD_REQUEST', 'Invalid parameters provided.', undefined, 'INVALID_ATTRIBUTE'))
    } else if (name === AVAILABILITY) {
      const judged = judgeAvailability(listing, op, value)
      issues.push(...judged.issues)
      changes.push(judged.change)
    } else if (OTHER_ATTRIBUTES.includes(name)) {
      others.push(name)
    } else {
      issues.push(unknownAttribute(name))
    }
  }
  return { issues, change: (records) => changes.reduce((now, change) => change(now), records), others }
}

/** The attributes of a whole listing (UPDATE), or those that are put in place of the ones before (PARTIAL_UPDATE). */
export function judgeAttributes(listing: Listing, attributes: Json): Judgement {
  const patches = Object.entries(attributes).map(([name, value]): Patch => {
    return { op: 'replace', path: `/attributes/${name}`, value: isListOfRecords(value) ? value : undefined }
  })
  return judgePatches(listing, patches)
}

function judgeAvailability(
  listing: Listing,
  op: Patch['op'],
  value: readonly Json[] | undefined,
): Pick<Judgement, 'issues' | 'change'> {
  const keep: Change = (records) => records
  if (op === 'delete') return judgeDelete(value)
  if (value === undefined || value.length === 0) return { issues: [missing(AVAILABILITY, 'value')], change: keep }
  const issues = value.flatMap((record) => judgeRecord(listing, record))
  if (issues.length > 0) return { issues, change: keep }
  return {
    issues: [],
    change: (records) => value.reduce((now: readonly Availability[], record) => put(now, record, op === 'merge'), records),
  }
}

function judgeDelete(value: readonly Json[] | undefined): Pick<Judgement, 'issues' | 'change'> {
  const codes = value?.map((record) => record['fulfillment_channel_code'])
  return {
    issues: codes?.every(isText) === false ? [missing(AVAILABILITY, 'fulfillment_channel_code')] : [],
    change: (records) => (codes === undefined ? [] : records.filter(({ code }) => !codes.includes(code))),
  }
}

/**
 * The record of that code with the fields put in: `merge` keeps what is not named, `replace` and `add` put a new record in place of the
 * old one, and what they do not name is gone (contract section 3). A code that the listing has not, is added.
 */
function put(records: readonly Availability[], fields: Json, merge: boolean): readonly Availability[] {
  const code = String(fields['fulfillment_channel_code'])
  const before = merge ? records.find((record) => record.code === code) : undefined
  const { quantity, lead_time_to_ship_max_days: leadTime, restock_date: restockDate } = fields
  const record: Availability = {
    code,
    // Amazon counts its own.
    quantity: isAmazonCode(code) ? undefined : typeof quantity === 'number' ? quantity : before?.quantity,
    leadTime: typeof leadTime === 'number' ? leadTime : before?.leadTime,
    restockDate: typeof restockDate === 'string' ? restockDate : before?.restockDate,
  }
  if (records.some((each) => each.code === code)) return records.map((each) => (each.code === code ? record : each))
  return [...records, record]
}

function judgeRecord(listing: Listing, fields: Json): readonly Issue[] {
  const strange = Object.keys(fields).filter((name) => !FIELDS.includes(name))
  if (strange.length > 0) return strange.map(unknownAttribute)
  const { fulfillment_channel_code: code, quantity, lead_time_to_ship_max_days: leadTime, restock_date: restockDate } = fields
  if (!isText(code)) return [missing(AVAILABILITY, 'fulfillment_channel_code')]
  const known = code === DEFAULT_CODE || isAmazonCode(code) || listing.records.some((record) => record.code === code)
  if (!known) return [invalidValue('fulfillment_channel_code')]
  const issues: Issue[] = []
  if (quantity === undefined && !isAmazonCode(code)) issues.push(missing(AVAILABILITY, 'quantity'))
  if (quantity !== undefined && !isWhole(quantity, MAX_QUANTITY)) issues.push(invalidValue('quantity'))
  if (leadTime !== undefined && !isWhole(leadTime, MAX_LEAD_DAYS)) issues.push(invalidValue('lead_time_to_ship_max_days'))
  if (restockDate !== undefined && !isDate(restockDate)) issues.push(invalidValue('restock_date'))
  return issues
}

/** The vendor's code and words for an attribute that the product type has not (listings model, static sandbox). */
function unknownAttribute(name: string): Issue {
  return issue('90000900', 'The attributes are invalid.', name, 'INVALID_ATTRIBUTE')
}

function missing(attribute: string, field: string): Issue {
  const message = `The field '${field}' for the attribute '${attribute}' does not have enough values. The required minimum is '1' value(s).`
  return issue('99022', message, attribute, 'MISSING_ATTRIBUTE')
}

function invalidValue(field: string): Issue {
  return issue('4000001', `The provided value for '${field}' is invalid.`, AVAILABILITY, 'INVALID_ATTRIBUTE')
}

function issue(code: string, message: string, attribute: string | undefined, category: string): Issue {
  return { code, message, attribute, category }
}

function isWhole(value: unknown, most: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most
}

function isDate(value: unknown): boolean {
  return typeof value === 'string' && /^\d{4}-\d{2}-\d{2}/.test(value) && !Number.isNaN(Date.parse(value))
}

function isListOfRecords(value: unknown): value is readonly Json[] {
  return Array.isArray(value) && value.every(isRecord)
}
