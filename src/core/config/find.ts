import { readFileSync, statSync } from 'node:fs'
import { relative, resolve } from 'node:path'
import { OperatorError } from '../errors.ts'

export interface ConfigPlace {
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Value of `--config`. */
  readonly flag?: string
}

const usualNames = ['isync.config.yaml', 'isync.config.yml', 'isync.config.json']
const MAX_BYTES = 256 * 1024

/** Absolute path of the configuration file: `--config`, else `$ISYNC_CONFIG`, else the working directory. Throws OperatorError (exit 2). */
export function findConfig(place: ConfigPlace): string {
  const file = findConfigIfAny(place)
  if (file !== undefined) return file
  throw notFound(place.cwd, `none of ${usualNames.join(', ')} is here, and neither --config nor $ISYNC_CONFIG is given`)
}

/** As {@link findConfig}; undefined where nobody named a file and the working directory has none. */
export function findConfigIfAny(place: ConfigPlace): string | undefined {
  const named = place.flag ?? (place.env.ISYNC_CONFIG || undefined)
  if (named !== undefined) {
    const file = resolve(place.cwd, named)
    if (isFile(file)) return file
    throw notFound(file, `${place.flag === undefined ? '$ISYNC_CONFIG' : '--config'} names a file that does not exist`)
  }
  return usualNames.map((name) => resolve(place.cwd, name)).find(isFile)
}

/** The text of a configuration file, or why there is none that could be used. */
export function readConfigText(file: string): string | { readonly problem: string } {
  try {
    if (statSync(file).size > MAX_BYTES) return { problem: `is larger than ${MAX_BYTES / 1024} kB, which no configuration is` }
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    return {
      problem:
        code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'is not UTF-8 text' : `cannot be read (${code || 'unknown reason'})`,
    }
  }
}

/** How messages name the file. */
export function shownName(file: string, cwd: string): string {
  // Short where it can be: the file usually lies in the working directory.
  const short = relative(cwd, file)
  return short.startsWith('..') ? file : short
}

function isFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false
  } catch {
    return false
  }
}

function notFound(where: string, why: string): OperatorError {
  return new OperatorError({ what: 'no configuration file found', where, why, next: 'isync init, or isync --config PATH' })
}
