import { callsOfStock } from './support/calls-of-stock.mjs'
import { callsOfWay } from './support/calls-of-way.mjs'
import { costs } from './support/minimum.ts'

export const name = 'calls'

/**
 * Calls that the stand-ins count, against the fewest that the vendors' own page and batch sizes allow. Limits are the vendors' defaults;
 * virtual time makes their waits short. A ratio that may be above 1.05 says why.
 */
export async function run() {
  const rows = []
  for (const way of Object.keys(costs)) rows.push(...(await callsOfWay(way)))
  return [...rows, ...(await callsOfStock())]
}
