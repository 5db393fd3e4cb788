import { readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { parseEnv } from 'node:util'

/** Where one `${NAME}` got its value from. */
export type Found =
  | { readonly status: 'found'; readonly value: string; readonly file?: string }
  /** `file`: one that may hold it and cannot be read; then all names share this reason. */
  | { readonly status: 'missing'; readonly why: string; readonly file?: string }

export interface References {
  /** From the environment, then the `.env` file beside the configuration, then the file that NAME_FILE names. */
  lookUp(name: string): Found
}

/** Largest `.env` or mounted secret that is read. */
const MAX_BYTES = 256 * 1024

export const referencePattern = /\$\{([^{}\n]*)\}/g

export function openReferences(options: {
  readonly configFile: string
  readonly env: Readonly<Record<string, string | undefined>>
}): References {
  const dotEnvFile = join(dirname(options.configFile), '.env')
  const dotEnv = readDotEnv(dotEnvFile)

  function lookUp(name: string): Found {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
      return { status: 'missing', why: 'a reference must be ${NAME}: letters, digits and _' }
    const given = options.env[name]
    if (given !== undefined && given !== '') return { status: 'found', value: given }
    const written = dotEnv.values.get(name)
    if (written !== undefined && written !== '') return { status: 'found', value: written, file: dotEnvFile }
    const mounted = options.env[`${name}_FILE`] ?? dotEnv.values.get(`${name}_FILE`)
    if (mounted !== undefined && mounted !== '') return readMounted(name, mounted)
    if (dotEnv.problem !== undefined) return { status: 'missing', why: dotEnv.problem, file: dotEnvFile }
    return { status: 'missing', why: notSet(name, given ?? written) }
  }

  return { lookUp }
}

function notSet(name: string, value: string | undefined): string {
  const state = value === '' ? 'is set but empty' : 'is not set'
  return `\${${name}} ${state}: set ${name} in the environment or in .env beside this file, or ${name}_FILE to a file that holds it`
}

function readMounted(name: string, file: string): Found {
  const text = readSmall(file)
  if (text === undefined) return { status: 'missing', why: `${name}_FILE names a file that cannot be read` }
  const value = text.replace(/\r?\n$/, '')
  if (value === '') return { status: 'missing', why: `${name}_FILE names an empty file` }
  return { status: 'found', value, file }
}

function readDotEnv(file: string): { readonly values: ReadonlyMap<string, string>; readonly problem?: string } {
  if (statSync(file, { throwIfNoEntry: false }) === undefined) return { values: new Map() }
  const text = readSmall(file)
  if (text === undefined)
    return {
      values: new Map(),
      problem: `${file} cannot be read, so no \${NAME} in it has a value: it must be a plain file of the user who runs isync, mode 600 (ls -ld shows owner and mode)`,
    }
  const values = new Map<string, string>()
  for (const [name, value] of Object.entries(parseEnv(text))) if (value !== undefined) values.set(name, value)
  return { values }
}

function readSmall(file: string): string | undefined {
  try {
    const stat = statSync(file)
    return stat.isFile() && stat.size <= MAX_BYTES ? readFileSync(file, 'utf8') : undefined
  } catch {
    return undefined
  }
}

/** True when every account of the machine may read the file. */
export function isWorldReadable(file: string): boolean {
  const stat = statSync(file, { throwIfNoEntry: false })
  return stat !== undefined && process.platform !== 'win32' && (stat.mode & 0o004) !== 0
}
