import * as z from 'zod'
import { channelKeys } from '../../core/config/channel-keys.ts'
import { type ChannelProblem, type ChannelType, channelType, mapAt } from '../../core/config/channel-type.ts'
import { duration, integer, oneOf, parsed, secret, section, tableOf, text, yesOrNo } from '../../core/config/fields.ts'
import type { ChannelVendor } from '../channel.ts'
import type { FileSettings, Place } from './settings.ts'

const delimiters = { comma: ',', semicolon: ';', tab: '\t', pipe: '|' } as const
const decimals = { point: '.', comma: ',' } as const

/** One step below the channel's folder: nothing in the file leads out of it. */
function folderName(description: string) {
  return parsed('a plain folder name', description, (value) =>
    /^[\p{L}\p{N}_][\p{L}\p{N}_.-]{0,63}$/u.test(value) ? value : undefined,
  )
}

const keys = section({
  type: z.literal('file'),
  file: section({
    path: parsed('an absolute path', 'A folder of this machine (or mounted on it); this or sftp', (value) =>
      /^\/[^\0]*$/.test(value) ? value : undefined,
    ).exactOptional(),
    sftp: section({
      host: parsed('a host name or address', 'The SFTP server', (value) => (/^[^\s/@]{1,255}$/.test(value) ? value : undefined)),
      port: integer(1, 65_535, 'Its port').prefault('22'),
      user: text('a user name', 'The account on it'),
      path: text('a path on the server', "The folder on it; without a leading / below the account's home").prefault('.'),
      host_key: parsed(
        'a fingerprint such as SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU',
        "Fingerprint of the server's key, from whoever runs the server; nothing is sent to a server that has another",
        (value) => (/^SHA256:[A-Za-z0-9+/]{43}$/.test(value) ? value : undefined),
      ),
    }).exactOptional(),
    folders: section({
      in: folderName('Where the partner puts files with orders').prefault('in'),
      out: folderName('Where the partner finds tracking and stock').prefault('out'),
      archive: folderName('Where isync moves files that are stored, and keeps what it has told').prefault('archive'),
    }).prefault({}),
    delimiter: oneOf(['comma', 'semicolon', 'tab', 'pipe'], 'What stands between two columns, both ways').prefault('comma'),
    decimal: oneOf(['point', 'comma'], 'What stands before the cents in amounts').prefault('point'),
    encoding: oneOf(['utf-8', 'windows-1252'], 'Of the files that come; what goes out is UTF-8').prefault('utf-8'),
    currency: parsed('a three-letter currency code', 'Currency of orders that name none (ISO 4217)', (value) =>
      /^[A-Z]{3}$/.test(value) ? value : undefined,
    ).prefault('USD'),
    columns: tableOf(
      'the name of a column of docs/vendors/file.md',
      /^[a-z][a-z0-9_]{1,29}$/,
      text('the name in the header', 'What the partner calls it'),
      {
        type: 'a table of column: name in the header',
        description: 'Columns that have other names in the files that come, e.g. { order_id: "Order No" }',
      },
    ).prefault({}),
    stock: oneOf(
      ['changed', 'full'],
      'changed: a new file with every hand-over, of the quantities that are told; full: one file stock.csv with all of them',
    ).prefault('changed'),
    spreadsheet_guard: yesOrNo('Set an order aside whose ids look as if a spreadsheet had cut a long number').prefault('true'),
    quiet: duration('1s', '5m', 'A file is read when it has not changed for so long').prefault('5s'),
  }),
  credentials: section({
    password: secret('sftp with a password').exactOptional(),
    private_key: secret('sftp with a key: the key file in base64 on one line, as base64 -w0 prints it').exactOptional(),
    passphrase: secret('sftp with a key that has one').exactOptional(),
  }).prefault({}),
  ...channelKeys,
})

type FileConfig = z.output<typeof keys>

/** A partner who exchanges files: CSV in a folder, here or behind SFTP. */
export const fileChannel = channelType<typeof keys, ChannelVendor>(
  'file',
  keys,
  (channel) => ({
    acknowledges: 'never',
    place:
      channel.file.sftp === undefined ? (channel.file.path ?? '') : `sftp://${channel.file.sftp.host}:${channel.file.sftp.port}`,
    credentials: [channel.file.sftp?.user ?? '', ...Object.values(channel.credentials)],
    async load() {
      const { createFileConnector } = await import('./connector.ts')
      return (gate, code) => createFileConnector(gate, settingsOf(code, channel))
    },
  }),
  problems,
)

function settingsOf(code: string, { file, carriers, timeout, credentials }: FileConfig): FileSettings {
  return {
    channel: code,
    place: placeOf(file, credentials),
    folders: file.folders,
    delimiter: delimiters[file.delimiter],
    decimal: decimals[file.decimal],
    encoding: file.encoding,
    currency: file.currency,
    columns: file.columns,
    stock: file.stock,
    spreadsheetGuard: file.spreadsheet_guard,
    quietMs: file.quiet,
    carriers,
    timeoutMs: timeout,
  }
}

function placeOf({ path, sftp }: FileConfig['file'], credentials: FileConfig['credentials']): Place {
  if (sftp === undefined) return { kind: 'local', path: path ?? '/' }
  const { host_key: hostKey, ...server } = sftp
  const { password, private_key: privateKey, passphrase } = credentials
  return {
    kind: 'sftp',
    ...server,
    hostKey,
    ...(password === undefined ? {} : { password }),
    ...(privateKey === undefined ? {} : { privateKey }),
    ...(passphrase === undefined ? {} : { passphrase }),
  }
}

type Given = Parameters<ChannelType<ChannelVendor>['problems']>[0]

function problems(given: Given): readonly ChannelProblem[] {
  const file = mapAt(given.file)
  const { password, private_key, passphrase } = mapAt(given.credentials)
  const found: ChannelProblem[] = []
  if ((file.path === undefined) === (file.sftp === undefined))
    found.push({ path: ['file'], message: 'must have either path or sftp' })
  if (file.sftp !== undefined && (password === undefined) === (private_key === undefined))
    found.push({ path: ['credentials'], message: 'must have either password or private_key; needed for sftp' })
  if (passphrase !== undefined && private_key === undefined)
    found.push({ path: ['credentials', 'passphrase'], message: 'means nothing without private_key' })
  if (file.sftp === undefined && (password ?? private_key) !== undefined)
    found.push({ path: ['credentials'], message: 'means nothing for a folder of this machine' })
  const folders = { in: 'in', out: 'out', archive: 'archive', ...mapAt(file.folders) }
  if (new Set(Object.values(folders).map(String)).size < 3)
    found.push({ path: ['file', 'folders'], message: 'must name three different folders' })
  for (const name of ['endpoint', 'auth_endpoint', 'sandbox'])
    if (given[name] !== undefined) found.push({ path: [name], message: "means nothing for type 'file'" })
  return found
}
