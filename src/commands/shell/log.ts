import { createRequire } from 'node:module'
import { pino } from 'pino'
import type { Log, LogFields } from '../../core/ports/system.ts'

export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  /** Where lines go: stderr. */
  readonly stream: NodeJS.WritableStream
  /** True: lines for a person; false: one JSON document per line. */
  readonly tty: boolean
  /** Takes secrets out of a finished line. */
  readonly scrub: (text: string) => string
  /** Fields of every line: run_id, command. */
  readonly base: LogFields
  /** Colours on a TTY. Default true. */
  readonly color?: boolean
}

/**
 * Log on pino. A line is `{"level":"info","time":"2026-01-24T09:00:00.000Z",...base,...fields,"msg":"..."}`.
 * Fields with a fixed meaning: run_id, command, channel, step, order_id, sku, error_class. Others may join: ids, counts, milliseconds;
 * never a buyer's data. An Error in a field becomes its class and message. Every line passes the scrubber last. A log that cannot be
 * written is given up silently: it must neither kill the run nor change its verdict.
 */
export function createLog(options: LogOptions): Log {
  const write = safeWriter(options.stream)
  const finish = options.tty ? prettyPrinter(options.color ?? true) : (line: string) => line.replace(unsafeInJson, '')
  const logger = pino(
    {
      level: options.level,
      base: { ...options.base },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }), log: withPlainErrors },
    },
    { write: (line: string) => write(options.scrub(finish(line))) },
  )
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
  }
}

/** Writes and never throws. A stream that failed stays silent from then on. */
function safeWriter(stream: NodeJS.WritableStream): (text: string) => void {
  // A closed pipe or a full disk is reported by an event, after the call has returned; without a listener it ends the process.
  stream.on('error', () => undefined)
  return (text) => {
    try {
      stream.write(text)
    } catch {
      // The work goes on without its log.
    }
  }
}

function prettyPrinter(color: boolean): (line: string) => string {
  // Loaded here, since cron never sees a terminal and should not pay for it.
  const { prettyFactory }: typeof import('pino-pretty') = createRequire(import.meta.url)('pino-pretty')
  const pretty = prettyFactory({ colorize: color, translateTime: 'SYS:HH:MM:ss', ignore: 'run_id,command', singleLine: true })
  return (line) => pretty(line.replace(unsafeInJson, '').replace(jsonEscape, withoutControl))
}

/** What JSON leaves as it is and a terminal obeys: DEL, C1, and marks that turn the reading direction. */
const unsafeInJson = /[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g

const jsonEscape = /\\(?:u[0-9a-f]{4}|.)/gi

// The printer undoes the escapes of JSON, which would bring a vendor's control characters back to life on the screen.
function withoutControl(sequence: string): string {
  if (/^\\u00[01]/i.test(sequence)) return ''
  return /^\\[bfnrt]$/.test(sequence) ? ' ' : sequence
}

function withPlainErrors(fields: Record<string, unknown>): Record<string, unknown> {
  if (!Object.values(fields).some((value) => value instanceof Error)) return fields
  const plain: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(fields)) {
    plain[key] = value instanceof Error ? { class: value.name, message: value.message } : value
  }
  return plain
}
