import type { SandboxReply } from '../stand-in.ts'
import type { Account } from './accounts.ts'
import type { State } from './state.ts'
import { isoMs, type Json } from './wire.ts'
import { printXml, type Xml } from './xml.ts'

/** What the schema was called when the stand-in was written. */
const VERSION = '1451'

/** One call of the Trading API that may be answered. */
export interface TradingCall {
  readonly state: State
  readonly account: Account
  readonly root: Json
  /** Compatibility level: what the caller understands. */
  readonly level: number
  readonly now: number
}

/** One node `Errors` (contract section 7). */
export interface TradingFault {
  readonly code: number
  readonly short: string
  readonly long?: string
  readonly severity?: 'Error' | 'Warning'
  readonly classification?: 'RequestError' | 'SystemError'
  readonly parameters?: readonly string[]
}

/** What a call comes to: faults tell the Ack, unless it is given. */
export interface TradingResult {
  readonly faults?: readonly TradingFault[]
  /** When some of it worked, in spite of errors. */
  readonly partly?: boolean
  readonly content?: { readonly [name: string]: Xml }
}

const NOTICE: TradingFault = {
  code: 21917091,
  short: 'Requested Quantity revision is redundant.',
  long: 'The call worked; this is a notice.',
  severity: 'Warning',
}

/** HTTP 200 whatever happened; the Ack and all its Errors tell. */
export function tradingReply(name: string, result: TradingResult, now: number, messageId?: string): SandboxReply {
  const faults = result.faults ?? []
  const root: { readonly [name: string]: Xml } = {
    Timestamp: isoMs(now),
    Ack: ackOf(faults, result.partly ?? false),
    CorrelationID: messageId,
    Errors: faults.map(errorsXml),
    Version: VERSION,
    Build: `E${VERSION}_SANDBOX_R1`,
    ...result.content,
  }
  return { status: 200, headers: { 'content-type': 'text/xml;charset=utf-8' }, body: printXml(`${name}Response`, root) }
}

/** A good answer that still has something to say. */
export function withNotice(result: TradingResult): TradingResult {
  return { ...result, faults: [...(result.faults ?? []), NOTICE] }
}

/** Error 37: one field is wrong or missing. */
export function invalidField(name: string, value = ''): TradingFault {
  return {
    code: 37,
    short: 'Input data is invalid.',
    long: `Input data for tag <${name}> is invalid or missing. Please check API documentation.`,
    parameters: [name, value],
  }
}

function ackOf(faults: readonly TradingFault[], partly: boolean): string {
  if (faults.some(({ severity }) => severity !== 'Warning')) return partly ? 'PartialFailure' : 'Failure'
  return faults.length > 0 ? 'Warning' : 'Success'
}

export function errorsXml({ code, short, long, severity, classification, parameters }: TradingFault): Xml {
  return {
    ShortMessage: short,
    LongMessage: long ?? short,
    ErrorCode: String(code),
    SeverityCode: severity ?? 'Error',
    ErrorParameters: (parameters ?? []).map((value, i) => ({ '@ParamID': String(i), Value: value })),
    ErrorClassification: classification ?? 'RequestError',
  }
}
