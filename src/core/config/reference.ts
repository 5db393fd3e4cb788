import type { z } from 'zod'
import type { ChannelType } from './channel-type.ts'
import { fieldNotes } from './fields.ts'
import { configKeys } from './schema.ts'

/** `docs/configuration.md`: every key with its type, default and meaning, from the schema that checks the file. */
export function configurationReference(types: readonly ChannelType<unknown>[]): string {
  const channels = types.map(({ type, section }) => ({ type, rows: rowsOf(section.shape, '', []) }))
  const isCommon = (row: Row) => channels.every(({ rows }) => rows.some((other) => other.description === row.description))
  return [
    intro,
    '## Top level\n',
    table(rowsOf(configKeys, '', sectionNames)),
    '## Channels\n',
    channelIntro,
    '### Every channel\n',
    table(channels[0]?.rows.filter(isCommon) ?? []),
    ...channels.flatMap(({ type, rows }) => [`### type: ${type}\n`, table(rows.filter((row) => !isCommon(row)))]),
    ...sectionNames.flatMap((name) => [`## ${name}\n`, table(rowsOf(shapeOf(configKeys[name]), '', []))]),
  ].join('\n')
}

const sectionNames = ['shipstation', 'zoho', 'inventory', 'retry', 'shadow', 'retention', 'serve', 'webhooks', 'alerts'] as const

interface Row {
  readonly key: string
  readonly type: string
  readonly fallback: string
  readonly description: string
}

type Shape = Readonly<Record<string, z.core.$ZodType>>

function rowsOf(shape: Shape, prefix: string, leftOut: readonly string[]): readonly Row[] {
  const rows: Row[] = []
  for (const [key, value] of Object.entries(shape)) {
    if (leftOut.includes(key)) continue
    const { inner, fallback } = unwrapped(value)
    const note = fieldNotes.get(inner)
    if (note !== undefined) rows.push({ key: prefix + key, type: note.type, fallback, description: note.description })
    else rows.push(...rowsOf(shapeOf(inner), `${prefix}${key}.`, []))
  }
  return rows
}

function shapeOf(schema: z.core.$ZodType): Shape {
  const { inner } = unwrapped(schema)
  return isObject(inner) ? inner._zod.def.shape : {}
}

function unwrapped(schema: z.core.$ZodType): { readonly inner: z.core.$ZodType; readonly fallback: string } {
  if (isPrefault(schema)) return { inner: schema._zod.def.innerType, fallback: fallbackText(schema._zod.def.defaultValue) }
  if (isOptional(schema)) return { inner: schema._zod.def.innerType, fallback: 'not set' }
  return { inner: schema, fallback: 'required' }
}

function fallbackText(value: unknown): string {
  if (Array.isArray(value) && value.length > 0) return `\`${value.join(', ')}\``
  return typeof value === 'string' ? `\`${value}\`` : 'empty'
}

function isObject(schema: z.core.$ZodType): schema is z.core.$ZodObject {
  return schema._zod.def.type === 'object'
}

function isPrefault(schema: z.core.$ZodType): schema is z.core.$ZodPrefault {
  return schema._zod.def.type === 'prefault'
}

function isOptional(schema: z.core.$ZodType): schema is z.core.$ZodOptional {
  return schema._zod.def.type === 'optional'
}

function table(rows: readonly Row[]): string {
  const lines = rows.map((row) => `| \`${row.key}\` | ${cell(row.type)} | ${row.fallback} | ${cell(row.description)} |`)
  return ['| key | value | default | meaning |', '|---|---|---|---|', ...lines, ''].join('\n')
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;')
}

const intro = `# Configuration

This page is made from the schema that checks the file; \`isync config:check\` tells what is wrong with yours, all at once.

The file is \`--config PATH\`, else \`$ISYNC_CONFIG\`, else \`isync.config.yaml\`, \`.yml\` or \`.json\` in the working directory.

- **Secrets** never stand in it. \`\${NAME}\` is taken from the environment, else from \`.env\` beside the file, else from the file that
  \`NAME_FILE\` names (a mounted secret). \`.env\` and such files must not be readable for every user: \`chmod 600\`. Any other value may
  be a reference too.
- **Durations** are a number and a unit: \`500ms\`, \`30s\`, \`5m\`, \`2h\`, \`7d\`.
- **Unknown keys** are errors, so that a misspelt setting is not silently without effect.
- A key without a value (\`endpoint:\`) counts as not set. Every section but channels and shipstation may be left out; "required" then
  means: where its section, or its part of it, is there.
- **Changes** count from the next start of a command. \`isync serve\` reads the file when it starts: start it again after a change. What
  \`isync settings\` and \`isync pause\` change counts at once, for it too.
- Without a section zoho no quantity is ever published; inventory, shadow, \`ratio\` and \`retry.inventory\` then mean nothing.
`

const channelIntro = `Each channel is one marketplace account under a code of your choice: 1 to 24 lower case letters, digits and dashes, none of
\`shipstation\`, \`zoho\`, \`email\`, \`sms\`, \`slack\`. The code is part of the key by which ShipStation knows an order (\`isync:<code>:<order id>\`, at most 50
characters), so keep it short, and never rename a channel that has orders: they would be taken for orders of another channel.

\`\`\`yaml
channels:
  amazon-us:
    type: amazon
    region: na
    marketplace_ids: [ATVPDKIKX0DER]
    seller_id: A1EXAMPLE
    shipstation_store_id: 101
    ratio: "1.0"
    credentials: { client_id: \${AMZ_ID}, client_secret: \${AMZ_SECRET}, refresh_token: \${AMZ_REFRESH} }
\`\`\`
`
