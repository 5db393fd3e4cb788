import { PermanentError } from '../../../core/errors.ts'
import { safeText } from '../../http/classify.ts'
import type { DscoClient, DscoRequest } from './client.ts'
import { filled } from './values.ts'
import { wireWarehouses } from './wire.ts'

const NOTE = 'warehouse'
const DAY_MS = 24 * 3600_000
const MOST_PAGES = 20
const MOST_NAMED = 20

/** Codes of the account's warehouses that are in use (contract section 5). */
export async function readWarehouses(client: DscoClient, signal: AbortSignal): Promise<readonly string[]> {
  const codes: string[] = []
  let scrollId: string | undefined
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const query = scrollId === undefined ? ([['status', 'active']] as const) : ([['scrollId', scrollId]] as const)
    const request: DscoRequest = { operation: 'warehouse/page', method: 'GET', path: '/warehouse/page', query }
    const page = await client.read(request, wireWarehouses, signal)
    codes.push(...page.warehouses.filter(({ status }) => status !== 'inactive').map(({ code }) => code))
    scrollId = filled(page.scrollId)
    if (page.warehouses.length === 0 || scrollId === undefined) break
  }
  return [...new Set(codes)]
}

/**
 * The warehouse that takes the published quantity: the configured one, else the only one, which is asked for once a day. Throws
 * PermanentError that names the choice where there is none or more than one.
 */
export async function warehouseOf(client: DscoClient, signal: AbortSignal): Promise<string> {
  const { gate, settings } = client
  if (settings.warehouseCode !== undefined) return settings.warehouseCode
  const known = await gate.shared.recall(NOTE)
  if (known !== undefined) return known
  const codes = await readWarehouses(client, signal)
  const [only] = codes
  if (only === undefined || codes.length > 1)
    throw new PermanentError(choiceAmong(codes), client.factsOf({ operation: 'warehouse/page' }))
  await gate.shared.remember(NOTE, only, gate.clock.now() + DAY_MS)
  return only
}

/** What to do where it is not clear which warehouse is meant. */
export function choiceAmong(codes: readonly string[]): string {
  if (codes.length === 0) return 'the account has no warehouse in use: set one up at Dsco'
  const named = safeText(codes.slice(0, MOST_NAMED).join(', '))
  return `the account has ${codes.length} warehouses: set warehouse_code to the one that takes the published quantity: ${named}`
}
