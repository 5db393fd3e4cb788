import { PermanentError } from '../../core/errors.ts'
import { type Carrier, type CarrierFamily, carrierFamilies } from '../../core/model/shipment.ts'
import { readAnswer } from '../http/json.ts'
import type { MiraklClient, MiraklRequest } from './client.ts'
import { type WireCarrier, wireCarriers } from './wire.ts'

/** How a package's carrier is told to the marketplace (contract section 5). */
export type CarrierChoice =
  /** One of the operator's own: the platform makes the link. */
  | { readonly kind: 'registered'; readonly code: string }
  | { readonly kind: 'named'; readonly name: string; readonly trackingUrl?: string }

interface Family {
  /** Lower case, letters and digits only; the commonest first. */
  readonly names: readonly string[]
  /** Taken when no name fits: the same company's main service, whose link also finds the number. */
  readonly broader?: readonly string[]
  /** Where the number is appended. */
  readonly trackingUrl?: string
}

const FAMILIES: Readonly<Record<CarrierFamily, Family>> = {
  usps: {
    names: ['usps', 'uspostalservice', 'unitedstatespostalservice'],
    trackingUrl: 'https://tools.usps.com/go/TrackConfirmAction?tLabels=',
  },
  ups: { names: ['ups', 'unitedparcelservice'], trackingUrl: 'https://www.ups.com/track?tracknum=' },
  ups_mail_innovations: { names: ['upsmailinnovations', 'upsmi'], trackingUrl: 'https://www.ups.com/track?tracknum=' },
  fedex: { names: ['fedex', 'fed', 'federalexpress'], trackingUrl: 'https://www.fedex.com/fedextrack/?trknbr=' },
  fedex_smartpost: {
    names: ['fedexsmartpost', 'smartpost', 'fedexgroundeconomy'],
    broader: ['fedex', 'fed', 'federalexpress'],
    trackingUrl: 'https://www.fedex.com/fedextrack/?trknbr=',
  },
  dhl_express: {
    names: ['dhlexpress', 'dhlexpressworldwide'],
    broader: ['dhl'],
    trackingUrl: 'https://www.dhl.com/en/express/tracking.html?AWB=',
  },
  dhl_ecommerce: { names: ['dhlecommerce', 'dhlecommercesolutions', 'dhlglobalmail'] },
  ontrac: { names: ['ontrac'], trackingUrl: 'https://www.ontrac.com/tracking/?number=' },
  lasership: { names: ['lasership', 'ontraclasership'] },
  amazon_shipping: { names: ['amazonshipping', 'amazonlogistics'] },
  royal_mail: { names: ['royalmail'], trackingUrl: 'https://www.royalmail.com/track-your-item#/tracking-results/' },
  canada_post: {
    names: ['canadapost', 'postescanada'],
    trackingUrl: 'https://www.canadapost-postescanada.ca/track-reperage/en#/search?searchFor=',
  },
  purolator: { names: ['purolator'], trackingUrl: 'https://www.purolator.com/en/shipping/tracker?pin=' },
  australia_post: { names: ['australiapost', 'auspost'], trackingUrl: 'https://auspost.com.au/mypost/track/details/' },
  // One per country: no address serves them all.
  dpd: { names: ['dpd'] },
  asendia: { names: ['asendia'], trackingUrl: 'https://tracking.asendia.com/tracking/' },
  sendle: { names: ['sendle'], trackingUrl: 'https://track.sendle.com/tracking?ref=' },
  seko: { names: ['seko', 'sekologistics'] },
  globalpost: { names: ['globalpost'] },
  apc: { names: ['apc', 'apcovernight', 'apcpostallogistics'] },
}

export interface CarrierList {
  /** The operator's registered carriers (SH21), read once a day by all processes together. */
  read(signal: AbortSignal): Promise<readonly WireCarrier[]>
}

/** SH21 is allowed once a day (contract section 7), so the answer is kept that long and asked for only when something is confirmed. */
export function createCarrierList(client: MiraklClient): CarrierList {
  const keepMs = 24 * 3600_000
  const { shared, clock } = client.gate
  return {
    async read(signal) {
      const kept = wireCarriers.safeParse(JSON.parse((await shared.recall('carriers')) ?? 'null'))
      if (kept.success) return kept.data.carriers
      const carriers = await readCarriers(client, signal)
      await shared.remember('carriers', JSON.stringify({ carriers }), clock.now() + keepMs)
      return carriers
    },
  }
}

async function readCarriers(client: MiraklClient, signal: AbortSignal): Promise<readonly WireCarrier[]> {
  const request: MiraklRequest = { operation: 'SH21', method: 'GET', path: '/api/shipping/carriers' }
  try {
    const answer = await client.send(request, signal)
    return readAnswer(client.gate.account, client.callOf(request), answer, wireCarriers).carriers
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error
    // Without the list every carrier can still be told by its name.
    client.gate.log.warn({ channel: client.settings.channel, status: error.status }, 'the list of carriers cannot be read')
    return []
  }
}

/** The operator's code that the configuration gives for a ShipStation carrier. */
export function configuredCode(overrides: Readonly<Record<string, string>>, carrier: Carrier): string | undefined {
  const wanted = carrier.code.trim().toLowerCase()
  return Object.entries(overrides).find(([code]) => code.trim().toLowerCase() === wanted)?.[1]
}

/**
 * The configuration first, then the operator's list by standard code, by label and by code, else the carrier by name with its well-known
 * tracking address where there is one (contract section 5).
 */
export function chooseCarrier(
  carrier: Carrier,
  trackingNumber: string,
  overrides: Readonly<Record<string, string>>,
  registered: readonly WireCarrier[],
): CarrierChoice {
  const code = configuredCode(overrides, carrier) ?? matchCarrier(carrier, registered)?.code
  if (code !== undefined) return { kind: 'registered', code }
  const name = [carrier.name, carrier.code].map((text) => text.trim()).find((text) => text !== '') ?? 'Other'
  const base = carrier.family === 'other' ? undefined : FAMILIES[carrier.family].trackingUrl
  return { kind: 'named', name, ...(base === undefined ? {} : { trackingUrl: base + encodeURIComponent(trackingNumber) }) }
}

/** The operator's entry for a carrier, if one fits. */
export function matchCarrier(carrier: Carrier, registered: readonly WireCarrier[]): WireCarrier | undefined {
  const own = [bare(carrier.name), bare(carrier.code)].filter((name) => name !== '')
  if (carrier.family === 'other') return findByName(own, registered)
  const { names, broader } = FAMILIES[carrier.family]
  return findByName([...names, ...own], registered) ?? findByName(broader ?? [], registered)
}

function findByName(names: readonly string[], registered: readonly WireCarrier[]): WireCarrier | undefined {
  for (const field of ['standard_code', 'label', 'code'] as const) {
    for (const name of names) {
      const match = registered.find((entry) => bare(entry[field] ?? '') === name)
      if (match !== undefined) return match
    }
  }
  return undefined
}

/** The families that the operator's list serves, for the health report. */
export function servedFamilies(registered: readonly WireCarrier[]): readonly string[] {
  return carrierFamilies.filter((family) => registered.some((entry) => isNamed(FAMILIES[family], entry)))
}

/** The others: packages of theirs go by the carrier's name. */
export function unservedFamilies(registered: readonly WireCarrier[]): readonly string[] {
  const served = new Set(servedFamilies(registered))
  return carrierFamilies.filter((family) => !served.has(family))
}

function isNamed(family: Family, entry: WireCarrier): boolean {
  return [entry.standard_code, entry.label, entry.code].some((text) =>
    [...family.names, ...(family.broader ?? [])].includes(bare(text ?? '')),
  )
}

function bare(text: string): string {
  return text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')
}
