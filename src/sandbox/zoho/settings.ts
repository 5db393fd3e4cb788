import { type Reader, reader } from './compact.ts'

export interface Settings {
  /** Status of a refused token request: 400, or 200 with the error in the body. */
  readonly token_error_status: 200 | 400
  /** In the token reply. Not the stand-in's own origin: who follows it unasked leaves the machine. */
  readonly api_domain: string
  /** Calls a minute per organization; 0: no limit. */
  readonly calls_per_minute: number
  /** `fixed`: a minute begins with the first call after the last one ended. `rolling`: any 60 seconds, which is stricter. */
  readonly minute: 'fixed' | 'rolling'
  /** Calls a day per organization; 0: no limit. */
  readonly calls_per_day: number
  /** When the day begins, in minutes after midnight UTC. */
  readonly day_begins_utc_minutes: number
  /** X-Rate-Limit-Limit, -Remaining and -Reset, about the day. */
  readonly rate_limit_headers: boolean
  /** `locations[]` with location_* or `warehouses[]` with warehouse_*: before the organization changed over. */
  readonly places: 'locations' | 'warehouses'
  /** Rows of the list have the places as well, with three values each. */
  readonly places_in_list: boolean
  /** Ids as text, or as numbers of 19 digits. */
  readonly ids: 'text' | 'number'
  /** Whether a movement of stock counts as a change of the item. Nobody says that it does. */
  readonly movements_modify: boolean
  /** Most ids in one call of /itemdetails. */
  readonly details_per_call: number
  /** The organization's time zone, in minutes east of UTC. */
  readonly utc_offset_minutes: number
}

export const DEFAULT_SETTINGS: Settings = {
  token_error_status: 400,
  api_domain: 'https://www.zohoapis.com',
  calls_per_minute: 100,
  minute: 'fixed',
  calls_per_day: 10_000,
  // Midnight in India.
  day_begins_utc_minutes: 18 * 60 + 30,
  rate_limit_headers: false,
  places: 'locations',
  places_in_list: false,
  ids: 'text',
  movements_modify: false,
  details_per_call: 100,
  utc_offset_minutes: -480,
}

/** What is given wins over what is set. */
export function changeSettings(settings: Settings, document: unknown): Settings {
  const given = reader('settings', document, Object.keys(DEFAULT_SETTINGS))
  return {
    token_error_status: statusOf(given) ?? settings.token_error_status,
    api_domain: given.text('api_domain') ?? settings.api_domain,
    calls_per_minute: given.count('calls_per_minute') ?? settings.calls_per_minute,
    minute: given.oneOf('minute', ['fixed', 'rolling']) ?? settings.minute,
    calls_per_day: given.count('calls_per_day') ?? settings.calls_per_day,
    day_begins_utc_minutes: given.count('day_begins_utc_minutes') ?? settings.day_begins_utc_minutes,
    rate_limit_headers: given.flag('rate_limit_headers') ?? settings.rate_limit_headers,
    places: given.oneOf('places', ['locations', 'warehouses']) ?? settings.places,
    places_in_list: given.flag('places_in_list') ?? settings.places_in_list,
    ids: given.oneOf('ids', ['text', 'number']) ?? settings.ids,
    movements_modify: given.flag('movements_modify') ?? settings.movements_modify,
    details_per_call: given.count('details_per_call') ?? settings.details_per_call,
    utc_offset_minutes: given.quantity('utc_offset_minutes') ?? settings.utc_offset_minutes,
  }
}

function statusOf(given: Reader): 200 | 400 | undefined {
  const status = given.count('token_error_status')
  if (status === undefined || status === 200 || status === 400) return status
  throw new Error('settings.token_error_status: must be 200 or 400')
}
