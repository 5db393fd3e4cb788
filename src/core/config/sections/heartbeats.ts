import { oneOf, parsed, section, tableOf } from '../fields.ts'

const form = 'a reference such as ${NAME} to an address that begins with https:// (http:// on this machine only)'

/** Where a monitor hears that a command began and how it ended (healthchecks.io and its like). */
export const heartbeats = section({
  url: parsed(
    form,
    'Monitor that is told of every run that may write: POST to the address with /start, then with the exit code (/0, /1 ...) behind it. {command} in it stands for the command with dashes, as in https://hc-ping.com/KEY/{command}',
    addressOf,
  ).exactOptional(),
  commands: tableOf('a command', /^[a-z][a-z:-]{1,39}$/, parsed(form, 'Address', addressOf), {
    type: `a table of command: ${form}`,
    description: 'Commands with an address of their own; with these alone and no url, only they are told of',
  }).prefault({}),
  partly: oneOf(
    ['success', 'failure'],
    'What a run that did its work in part (exit code 3) is told as: what failed is alerted and tried again, so that by default it is a success',
  ).prefault('success'),
})

/** Undefined for anything but an address that may be called without giving it away on the way. */
function addressOf(value: string): string | undefined {
  const plain = value.replaceAll('{command}', 'command')
  if (/[\s{}]/.test(plain) || !URL.canParse(plain)) return undefined
  const { protocol, hostname, username, password, hash } = new URL(plain)
  if (username !== '' || password !== '' || hash !== '') return undefined
  if (protocol === 'https:') return value
  const loopback = hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
  return protocol === 'http:' && loopback ? value : undefined
}
