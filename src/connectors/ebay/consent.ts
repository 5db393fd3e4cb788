import type { EbaySettings } from './settings.ts'

const DAY_MS = 86_400_000
/** The seller has to be asked, and may be away. */
const WARN_BEFORE_MS = 30 * DAY_MS

/** When the refresh token ends, by what the operator noted, and whether that is near. Undefined: nothing was noted. */
export function endOfConsent(
  { refreshTokenExpires }: Pick<EbaySettings, 'refreshTokenExpires'>,
  now: number,
): { readonly isNear: boolean; readonly detail: string } | undefined {
  if (refreshTokenExpires === undefined) return undefined
  const day = new Date(refreshTokenExpires).toISOString().slice(0, 10)
  const isNear = refreshTokenExpires - now <= WARN_BEFORE_MS
  if (refreshTokenExpires <= now) return { isNear, detail: `the refresh token has ended on ${day}, says refresh_token_expires` }
  const days = Math.ceil((refreshTokenExpires - now) / DAY_MS)
  return { isNear, detail: `the refresh token ends on ${day}, in ${days} ${days === 1 ? 'day' : 'days'}` }
}
