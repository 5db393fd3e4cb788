import { isIP } from 'node:net'
import { duration, integer, listOf, parsed, secret, section } from '../fields.ts'

/** The server that takes webhooks and works between them. */
export const serve = section({
  listen: parsed(
    'an IP address of this machine, such as 127.0.0.1, 10.10.0.5 or 0.0.0.0',
    'Where isync serve listens. Anything but this machine itself belongs behind a proxy that ends TLS',
    (value) => (isIP(value) === 0 ? undefined : value),
  ).prefault('127.0.0.1'),
  port: integer(1, 65_535, 'Its port').prefault('4680'),
  public_url: parsed(
    'an address that begins with https:// (http:// on this machine only) and may have a path, such as https://hooks.example.com',
    'Under which address the senders of webhooks reach isync serve, from outside: webhooks:subscribe, serve --print-urls and the handshake of eBay need it',
    publicUrl,
  ).exactOptional(),
  trusted_proxies: listOf(
    'an address or network, such as 10.10.0.0/16',
    (value) => (isNetwork(value) ? value : undefined),
    "Proxies whose X-Forwarded-For is believed: by it the sender's own address is known. Whoever else sends that header is counted by the address it comes from",
  ).prefault([]),
  body_limit: integer(1_024, 10_485_760, 'Largest body that is read, in bytes').prefault('262144'),
  request_timeout: duration('1s', '2m', 'Longest time that a request may take to arrive whole').prefault('10s'),
  rate_limit_per_minute: integer(
    60,
    10_000_000,
    'Requests a minute that one address may send; up to a quarter of them at once',
  ).prefault('18000'),
  max_backlog: integer(
    100,
    10_000_000,
    'With more deliveries than this waiting, new ones are answered with 503 until there is room',
  ).prefault('50000'),
  tick: duration('100ms', '5m', 'How often isync serve looks for due work that nobody told it of').prefault('1s'),
  metrics_token: secret('Token of whoever may read /metrics and the details of /readyz: Authorization: Bearer').exactOptional(),
})

function publicUrl(value: string): string | undefined {
  if (/\s/.test(value) || !URL.canParse(value)) return undefined
  const url = new URL(value)
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') return undefined
  const here = url.hostname === 'localhost' || /^127(\.\d+){3}$/.test(url.hostname)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && here)) return undefined
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}

function isNetwork(value: string): boolean {
  const [address = '', bits, ...more] = value.split('/')
  const version = isIP(address)
  if (version === 0 || more.length > 0) return false
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128))
}
