/** Where the marketplace is, as its settings have it. */
interface Host {
  readonly baseUrl: string
  readonly endpoint?: string
  readonly shopId?: number
}

interface Request {
  readonly path: string
  readonly query?: readonly (readonly [name: string, value: string])[]
  readonly link?: string
}

/** Where a request goes, and whether the key goes with it. */
export interface Target {
  readonly url: string
  readonly isOwn: boolean
}

/**
 * The marketplace's own host, or the address that it has given for a file (contract section 3, rule 4). The key and our parameters go to the
 * marketplace's host only: somebody else's storage has a signature in the address instead. A file on the marketplace's host is fetched the
 * way everything is, through a proxy too. Undefined for an address that is none, or less guarded than the marketplace's own.
 */
export function targetOf(settings: Host, request: Request): Target | undefined {
  const base = (settings.endpoint ?? settings.baseUrl).replace(/\/+$/, '').replace(/\/api$/, '')
  if (request.link === undefined) return { url: `${base}${request.path}${queryOf(request, settings.shopId)}`, isOwn: true }
  if (!URL.canParse(request.link)) return undefined
  const link = new URL(request.link)
  const origin = new URL(base)
  if (link.hostname !== origin.hostname && link.hostname !== new URL(settings.baseUrl).hostname) {
    const isGuarded = link.protocol === 'https:' || link.protocol === origin.protocol
    return isGuarded ? { url: link.href, isOwn: false } : undefined
  }
  const prefix = link.pathname.startsWith(`${origin.pathname.replace(/\/$/, '')}/`) ? origin.origin : base
  const query = new URLSearchParams(link.search)
  if (settings.shopId !== undefined && !query.has('shop_id')) query.append('shop_id', String(settings.shopId))
  return { url: `${prefix}${link.pathname}${query.size === 0 ? '' : `?${query}`}`, isOwn: true }
}

function queryOf(request: Request, shopId: number | undefined): string {
  const query = new URLSearchParams()
  for (const [name, value] of request.query ?? []) query.append(name, value)
  if (shopId !== undefined) query.append('shop_id', String(shopId))
  const text = query.toString()
  return text === '' ? '' : `?${text}`
}
