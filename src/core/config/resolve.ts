import { databasePassword, isLocalDatabase } from './database-url.ts'
import { oneLine, type Path } from './problems.ts'
import { isWorldReadable, type References, referencePattern } from './references.ts'
import type { Tree, TreeMap } from './tree.ts'

export interface ResolvedTree {
  readonly tree: TreeMap
  /** Values of secret keys, and of references inside the database URL. */
  readonly secrets: readonly string[]
  /** Problems found on the way, by path. */
  readonly problems: readonly { readonly path: Path; readonly message: string }[]
  /** Paths whose value is not known; the schema has nothing to say about them. */
  isUnresolved(path: Path): boolean
  /** What an error may say about the value at a path: never a secret, nor anything that came from a reference. */
  describe(path: Path): string
}

/** Puts the values of all `${NAME}` references in their places. */
export function resolveReferences(root: TreeMap, references: References): ResolvedTree {
  const problems: { path: Path; message: string }[] = []
  const secrets = new Set<string>()
  const unresolved = new Set<string>()
  const exposed = new Set<string>()
  const unreadable = new Set<string>()
  const tree = resolveMap(root, [])
  return { tree, secrets: [...secrets], problems, isUnresolved: (path) => unresolved.has(JSON.stringify(path)), describe }

  function resolveMap(map: TreeMap, path: Path): TreeMap {
    const resolved: Record<string, Tree> = Object.create(null)
    for (const [key, value] of Object.entries(map)) resolved[key] = resolveValue(value, [...path, key])
    return resolved
  }

  function resolveValue(value: Tree, path: Path): Tree {
    if (typeof value === 'string') return resolveText(value, path)
    if (isList(value)) return value.map((item, index) => resolveValue(item, [...path, index]))
    return resolveMap(value, path)
  }

  function resolveText(template: string, path: Path): string {
    const kind = secrecyOf(path)
    const literal = kind === 'none' ? undefined : literalSecret(kind, template)
    if (literal !== undefined) {
      problems.push({ path, message: literal })
      unresolved.add(JSON.stringify(path))
      return template
    }
    let known = true
    const text = template.replace(referencePattern, (whole, name: string, offset: number) => {
      const value = resolvedValue(name, path, kind)
      if (value === undefined) known = false
      if (value === undefined) return whole
      return kind === 'database' ? encodedFor(template, offset, whole, value) : value
    })
    if (!known) unresolved.add(JSON.stringify(path))
    else if (kind === 'secret' || kind === 'keys') addSecrets(path, text)
    else if (kind === 'database') addDatabaseSecrets(template, text)
    return text
  }

  function resolvedValue(name: string, path: Path, kind: Secrecy): string | undefined {
    const found = references.lookUp(name)
    if (found.status === 'missing') {
      // One file that cannot be read is one problem, however many values it holds.
      if (found.file === undefined || !unreadable.has(found.file)) problems.push({ path, message: found.why })
      if (found.file !== undefined) unreadable.add(found.file)
      return undefined
    }
    if (/\p{Cc}/u.test(found.value)) {
      problems.push({ path, message: `the value of \${${name}} holds a line break or another control character` })
      return undefined
    }
    if (found.file !== undefined && kind !== 'none' && !exposed.has(found.file) && isWorldReadable(found.file)) {
      exposed.add(found.file)
      problems.push({
        path,
        message: `\${${name}} comes from a file that every user may read; run: chmod 600 ${oneLine(found.file, 200)}`,
      })
    }
    return found.value
  }

  /** Of several that one value holds, each may come up alone. */
  function addSecrets(path: Path, text: string): void {
    secrets.add(text)
    if (path[0] === 'webhooks') for (const one of text.split(',')) secrets.add(one.trim())
  }

  function addDatabaseSecrets(template: string, url: string): void {
    const password = databasePassword(url)
    if (password === undefined) return
    secrets.add(password)
    secrets.add(encodeURIComponent(password))
    if (/^\$\{[^{}]*\}$/.test(template)) secrets.add(url)
  }

  function describe(path: Path): string {
    const value = valueAt(root, path)
    if (value === undefined) return 'nothing'
    if (typeof value !== 'string') return isList(value) ? 'a list' : 'a section'
    if (secrecyOf(path) !== 'none') return 'a value that is not shown here'
    return `'${oneLine(value.replace(/\/\/[^/@]*@/g, '//***@'), 40)}'`
  }
}

/** - `secret`: one reference; `keys`: references joined by key ids and commas; `database`: a URL that may hold a password. */
type Secrecy = 'none' | 'secret' | 'keys' | 'database'

const secretKeys = [
  'api_key',
  'api_secret',
  'client_id',
  'client_secret',
  'refresh_token',
  'app_id',
  'cert_id',
  'token',
  'password',
  'webhook_url',
  'metrics_token',
]

/** Everything else under `webhooks` lets somebody in. */
const plainWebhookKeys = ['trust_body', 'refused_per_hour']

/** Decided by the key's name alone, so that a secret under a wrong section stays a secret. */
export function secrecyOf(path: Path): Secrecy {
  if (path.length === 1 && path[0] === 'encryption_keys') return 'keys'
  if (path.length === 1 && path[0] === 'database') return 'database'
  if (path[0] === 'encryption_keys' || path.includes('credentials')) return 'secret'
  // Whoever knows such an address can tell the monitor that all is well.
  if (path[0] === 'heartbeats' && path.at(-1) !== 'partly') return 'secret'
  if (path[0] === 'webhooks' && path.length > 1 && !plainWebhookKeys.includes(String(path.at(-1)))) return 'secret'
  const key = path.findLast((step) => typeof step === 'string')
  return secretKeys.includes(String(key)) ? 'secret' : 'none'
}

function literalSecret(kind: Secrecy, template: string): string | undefined {
  if (kind === 'secret' && !/^\$\{[^{}\n]*\}$/.test(template)) return secretInFile
  if (
    kind === 'keys' &&
    template
      .replace(referencePattern, '')
      .replace(/[\w-]{1,20}:|,/g, '')
      .trim() !== ''
  )
    return secretInFile
  if (kind === 'keys' && !template.includes('${')) return secretInFile
  if (kind !== 'database' || template.includes('${')) return undefined
  if (databasePassword(template) === undefined || isLocalDatabase(template)) return undefined
  return `${secretInFile}, as in postgres://user:\${PGPASSWORD}@host/isync`
}

const secretInFile =
  'a secret must not stand in this file: put it in the environment, in .env beside this file, or in a file, and write ${NAME} here'

// A password in an environment variable is plain; in a URL it must be encoded. A host or a whole URL is taken as it is.
function encodedFor(template: string, offset: number, whole: string, value: string): string {
  const scheme = template.indexOf('://')
  const inUserInfo = scheme >= 0 && offset > scheme && offset + whole.length <= template.lastIndexOf('@')
  return inUserInfo ? encodeURIComponent(value) : value
}

function valueAt(root: Tree, path: Path): Tree | undefined {
  let value: Tree | undefined = root
  for (const step of path) {
    if (value === undefined || typeof value === 'string') return undefined
    value = isList(value) ? value[Number(step)] : value[String(step)]
  }
  return value
}

export function isList(value: Tree): value is readonly Tree[] {
  return Array.isArray(value)
}
