import type { SandboxReply } from '../stand-in.ts'
import type { Call } from './call.ts'
import { usualCenter } from './centers.ts'
import { type Product, setStock } from './product.ts'
import { addProducts } from './product-seed.ts'
import type { State } from './state.ts'
import { IMPORT_TYPES, type Upload } from './upload-file.ts'
import { apiError, odataError, utcText } from './wire.ts'

const SKU_COLUMN = 'inventory number'
const QUANTITY_COLUMN = 'quantity'

/** POST ProductUpload: a CSV file of SKUs and quantities, worked off later (contract section 10). */
export function startUpload(call: Call): SandboxReply {
  const { state, request, application, now } = call
  if (!/^(text\/csv|application\/octet-stream)\b/i.test(request.headers['content-type'] ?? ''))
    return apiError(415, 'The file must be sent as text/csv or application/octet-stream.')
  if (!state.limits.take(application.account, 'uploads')) return apiError(429, 'Too many files.')
  const [first] = application.profiles
  const profileId = Number(request.query.get('profileid') ?? first)
  if (!application.profiles.has(profileId)) return odataError(400, `Invalid profile: ${profileId}.`)
  const importType = IMPORT_TYPES.find((each) => each === (request.query.get('importtype') ?? 'AddUpdate'))
  if (importType === undefined) return odataError(400, 'Invalid import type.')
  const rows = readRows(request.body.toString('utf8'))
  if (rows === undefined) return odataError(400, "The file needs the columns 'Inventory Number' and 'Quantity'.")
  const token = `sandbox-upload-${state.uploads.length + 1}`
  const upload: Upload = {
    token,
    app: application.appId,
    profileId,
    importType,
    startedAt: now,
    rows,
    doneAt: undefined,
    errors: [],
  }
  state.uploads.push(upload)
  return { status: 200, body: formOf(upload) }
}

/** GET ProductUpload?token= */
export function showUpload({ state, request, application }: Call): SandboxReply {
  const token = request.query.get('token')
  const upload = state.uploads.find((each) => each.token === token && each.app === application.appId)
  return upload === undefined ? odataError(404, 'There is no such upload.') : { status: 200, body: formOf(upload) }
}

function formOf({ token, startedAt, doneAt, errors }: Upload): object {
  return {
    Token: token,
    StartedOnUtc: utcText(startedAt, 0),
    Status: doneAt === undefined ? 'Pending' : errors.length === 0 ? 'Complete' : 'CompleteWithErrors',
    Errors: [...errors],
  }
}

/** Files whose time has come take effect before anybody sees the products. */
export function workOff(state: State): void {
  for (const upload of state.uploads) {
    const dueAt = upload.startedAt + state.settings.uploadMs
    if (upload.doneAt !== undefined || dueAt > state.clock.now()) continue
    upload.doneAt = dueAt
    state.version += 1
    for (const { sku, quantity } of upload.rows) apply(state, upload, sku, quantity, dueAt)
  }
}

/** `AddUpdate` makes products of SKUs that nobody has: a slip of the pen becomes one (contract section 10). */
function apply(state: State, upload: Upload, sku: string, quantity: number, at: number): void {
  const known = state.products.bySku(upload.profileId, sku)
  if (known === undefined && upload.importType === 'UpdateOnly') {
    upload.errors.push(`${sku}: no such product`)
    return
  }
  if (known === undefined) state.misdeeds.push(`product ${sku}: made by a file of quantities`)
  const product: Product | undefined = known ?? addProducts(state, [{ sku, profile_id: upload.profileId }])[0]
  if (product === undefined || (known !== undefined && upload.importType === 'AddOnly')) return
  const center = usualCenter(state)
  setStock(product, center, quantity, at, 'upload')
  product.told.push({ at, by: 'upload', app: upload.app, centerId: center.id, quantity, left: Math.max(0, quantity) })
}

function readRows(text: string): Upload['rows'] | undefined {
  const [header = '', ...lines] = text.split(/\r?\n/).filter((line) => line !== '')
  const names = cellsOf(header).map((name) => name.trim().toLowerCase())
  const [skuAt, quantityAt] = [names.indexOf(SKU_COLUMN), names.indexOf(QUANTITY_COLUMN)]
  if (skuAt < 0 || quantityAt < 0) return undefined
  return lines.map((line) => {
    const cells = cellsOf(line)
    return { sku: cells[skuAt] ?? '', quantity: Number(cells[quantityAt]) }
  })
}

/** Commas inside of quotes are no separators; a quote inside of quotes is doubled. */
function cellsOf(line: string): readonly string[] {
  return [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  )
}
