import type { Run } from '../context.ts'
import { OperatorError } from '../errors.ts'
import type { StockSource } from '../ports/stock-source.ts'
import { unknownSkus } from './preview.ts'

/** Throws OperatorError for a SKU that no reading has shown. */
export async function assertKnown(run: Run, skus: readonly string[]): Promise<void> {
  const [unknown] = await unknownSkus(run, skus)
  if (unknown === undefined) return
  const why = 'no reading of the stock has shown it; SKUs are compared letter by letter'
  throw unknownSku(unknown, why, 'isync inventory:full reads all stock anew')
}

export function unknownSku(sku: string, why: string, next: string): OperatorError {
  return new OperatorError({ what: `unknown SKU '${sku}'`, where: 'stock', why, next })
}

/** Throws OperatorError where there is no stock source. */
export function configured(source: StockSource | undefined): StockSource {
  if (source !== undefined) return source
  throw new OperatorError({
    what: 'no stock source',
    where: 'zoho',
    why: 'the configuration has no section zoho, so that there is no stock to read',
    next: 'add the section (docs/configuration.md), then isync doctor --channel zoho',
  })
}

export function noReadingYet(): OperatorError {
  return new OperatorError({
    what: 'nothing to compare with',
    where: 'stock',
    why: 'the stock has never been read completely, so that nobody knows since when changes count',
    next: 'isync inventory:full, or name a time with --since',
  })
}
