import { createHmac } from 'node:crypto'
import type { Outgoing } from '../stand-in.ts'
import { type Reader, reader } from './compact.ts'
import { FORMS, type Hook, METHODS, MODULES, type Module } from './hook.ts'
import type { Item } from './item.ts'
import type { State } from './state.ts'
import { type Moved, ofDocument, ofItem } from './webhook-payload.ts'

const HOOK_KEYS = ['url', 'secret', 'headers', 'form', 'fields', 'modules', 'method', 'encoding'] as const
const SECRET = /^[A-Za-z0-9]{12,50}$/

/**
 * `{ hooks: [{ url, secret?, headers?, form?: 'default' | 'raw' | 'form', fields?, modules?, method?, encoding?: 'hex' | 'base64' }] }`, in place of
 * those that were there; `default` is the whole record as JSON, `raw` JSON with ids and numbers as text, `form` urlencoded with the record in
 * `JSONString`. `headers` are the webhook's own, `fields` further ones of a form, `modules` all where absent.
 */
export function setHooks(state: State, argument: unknown): unknown {
  const hooks = reader('webhooks', argument, ['hooks']).list('hooks')
  if (hooks === undefined) throw new Error('webhooks: give hooks: [{ url, secret, ... }]')
  state.hooks = hooks.map(readHook)
  return { hooks: state.hooks.length }
}

function readHook(document: unknown): Hook {
  const given = reader('hooks', document, HOOK_KEYS)
  const url = given.text('url')
  if (url === undefined) throw new Error('hooks: each needs a url')
  const secret = given.text('secret')
  if (secret !== undefined && !SECRET.test(secret)) throw new Error('hooks.secret: 12 to 50 letters and digits')
  return {
    url,
    secret,
    encoding: given.oneOf('encoding', ['hex', 'base64']) ?? 'hex',
    method: given.oneOf('method', METHODS) ?? 'POST',
    headers: textsOf(given, 'headers', (name) => name.toLowerCase()),
    form: given.oneOf('form', FORMS) ?? 'default',
    fields: textsOf(given, 'fields'),
    modules: given.list('modules')?.map(readModule) ?? MODULES,
  }
}

function textsOf(given: Reader, key: string, spell = (name: string) => name): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(given.object(key) ?? {}).map(([name, value]) => [spell(name), String(value)]))
}

function readModule(name: unknown): Module {
  const module = MODULES.find((one) => one === name)
  if (module === undefined) throw new Error(`hooks.modules: no module '${String(name)}'; known: ${MODULES.join(', ')}`)
  return module
}

/** The rule on items: somebody made or edited one. */
export function fireItem(state: State, item: Item): void {
  fire(state, 'items', (raw) => ofItem(state, item, raw))
}

/** The rule on what moved an item's stock. */
export function fireDocument(state: State, moved: Moved): void {
  const number = state.hookEvents + 1
  fire(state, moved.module, (raw) => ofDocument(state, moved, number, raw))
}

function fire(state: State, module: Module, payload: (raw: boolean) => string): void {
  state.hookEvents += 1
  for (const hook of state.hooks)
    if (hook.modules.includes(module)) state.unsent.push(messageOf(hook, module, payload(hook.form === 'raw')))
}

/** At most once: nobody documents a second try. */
function messageOf(hook: Hook, module: Module, json: string): Outgoing {
  const form = hook.form === 'form' ? new URLSearchParams({ ...hook.fields, JSONString: json }) : undefined
  const type = form === undefined ? 'application/json;charset=UTF-8' : 'application/x-www-form-urlencoded'
  const signature = hook.secret === undefined ? {} : { 'x-zoho-webhook-signature': sign(hook, hook.secret, form, json) }
  const headers = { ...hook.headers, 'content-type': type, ...signature }
  return { url: hook.url, topic: module, request: () => ({ method: hook.method, headers, body: form?.toString() ?? json }) }
}

/** Parameters of the address and of the form, decoded and sorted by name, each name followed by its value; then the JSON (contract section 9). */
function sign({ url, encoding }: Hook, secret: string, form: URLSearchParams | undefined, json: string): string {
  const parameters = [...(URL.parse(url)?.searchParams ?? []), ...(form ?? [])].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  const text = parameters.map(([name, value]) => `${name}${value}`).join('') + (form === undefined ? json : '')
  return createHmac('sha256', secret).update(text).digest(encoding)
}

export function takeHooks(state: State): readonly Outgoing[] {
  const taken = state.unsent
  state.unsent = []
  return taken
}
