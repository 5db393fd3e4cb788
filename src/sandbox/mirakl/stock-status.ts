import type { SandboxReply } from '../stand-in.ts'
import type { Call } from './call.ts'
import { writeCsv } from './csv.ts'
import type { ImportRules, StockImport } from './imports.ts'
import { fail, seconds } from './wire.ts'

const OWN_COLUMNS = ['offer-sku', 'quantity', 'warehouse-code', 'update-delete']
const NAMES: Readonly<Record<ImportRules['columns'], readonly string[] | undefined>> = {
  named: ['error-line', 'error-message', ...OWN_COLUMNS],
  words: ['Line number', 'Error reason', ...OWN_COLUMNS],
  bare: undefined,
}

/** STO02 (section 6). */
export function showImport(call: Call): SandboxReply {
  const found = importOf(call)
  if (found === undefined) return notFound(call)
  const counted = found.status === 'COMPLETE' && call.account.settings.stock_imports.counts
  return {
    status: 200,
    body: {
      date_created: seconds(found.created),
      has_error_report: found.errors.length > 0,
      import_id: found.id,
      ...(counted ? { lines_in_error: found.errors.length, lines_in_success: found.lines - found.errors.length } : {}),
      shop_id: found.shopId,
      status: found.status,
    },
  }
}

/** STO03 (section 6): the lines that were not taken. Its columns are not in the vendor's model, so they are a setting here. */
export function showErrorReport(call: Call): SandboxReply {
  const found = importOf(call)
  if (found === undefined) return notFound(call)
  if (found.errors.length === 0) return fail(404, `There is no error report for the import '${call.pathId}'.`)
  const { columns, header_counts } = call.account.settings.stock_imports
  const names = NAMES[columns]
  const rows = found.errors.map(({ line, reason, cells }) => [
    String(line + (header_counts ? 1 : 0)),
    reason,
    ...(names === undefined ? [] : cells),
  ])
  return {
    status: 200,
    headers: { 'content-type': 'text/csv;charset=UTF-8' },
    body: writeCsv(names === undefined ? rows : [names, ...rows]),
  }
}

function importOf(call: Call): StockImport | undefined {
  const found = call.account.importsById.get(call.pathId)
  return found !== undefined && found.shopId === call.shopId && found.fate?.kind !== 'lose' ? found : undefined
}

function notFound(call: Call): SandboxReply {
  return fail(404, `Import '${call.pathId}' not found.`)
}
