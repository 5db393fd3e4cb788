import { BlockList, isIP } from 'node:net'
import { OperatorError } from '../../core/errors.ts'
import type { WebhookSetup } from '../../core/reports/webhook-checks.ts'
import type { HookAddress } from '../../core/tracking/hook-address.ts'
import type { Configuration } from './configuration.ts'

type Facts = Pick<Configuration, 'serve' | 'webhooks' | 'shipstation' | 'source'>

/** Where ShipStation's webhooks belong, by the configuration; or what to put where before that can be told. */
export function hookAddress({ serve, webhooks, source }: Facts): HookAddress | OperatorError {
  const tokens = webhooks.shipstation?.token
  if (serve.public_url !== undefined && tokens !== undefined) return { base: `${serve.public_url}/webhooks/shipstation`, tokens }
  const missing = [
    ...(serve.public_url === undefined ? ['serve.public_url'] : []),
    ...(tokens === undefined ? ['webhooks.shipstation.token'] : []),
  ]
  return new OperatorError({
    what: 'the address for ShipStation is not known',
    where: source.file,
    why: `${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not set`,
    next: missing.map((key) => wayTo[key]).join('; '),
  })
}

/** What doctor is to look at; undefined where nobody is to send webhooks. */
export function webhookSetup(config: Facts): WebhookSetup | undefined {
  const { orders, refused_per_hour: _limit, ...senders } = config.webhooks
  if (Object.keys(orders).length + Object.keys(senders).length === 0) return undefined
  return { shipstation: senders.shipstation === undefined ? undefined : hookAddress(config) }
}

/** As {@link hookAddress}. Throws what is missing (exit 2). */
export function requiredHookAddress(config: Facts): HookAddress {
  const address = hookAddress(config)
  if (address instanceof OperatorError) throw address
  return address
}

const wayTo: Readonly<Record<string, string>> = {
  'serve.public_url':
    'put the address under which isync serve is reached from outside into the file: serve: { public_url: https://hooks.example.com }',
  'webhooks.shipstation.token':
    'make a token (openssl rand -hex 32), put it into .env as SS_HOOK_TOKEN=..., and into the file: webhooks: { shipstation: { token: ${SS_HOOK_TOKEN} } }',
}

/**
 * Throws OperatorError (exit 2) where ShipStation could not reach the address: without TLS, or not on the internet. A stand-in on this machine
 * reaches this machine.
 */
export function assertReachable({ serve, shipstation, source }: Facts): void {
  if (serve.public_url === undefined) return
  const { protocol, hostname } = new URL(serve.public_url)
  const isHidden = isPrivate(hostname)
  if (protocol === 'https:' && !isHidden) return
  if (isLoopback(hostname) && shipstation.endpoint !== undefined && isLoopback(new URL(shipstation.endpoint).hostname)) return
  throw new OperatorError({
    what: `ShipStation cannot reach ${serve.public_url}`,
    where: `${source.file} serve.public_url`,
    why: isHidden ? 'that host is not on the internet' : 'its webhooks are to come by https only: the address holds a secret',
    next: 'put the address that the internet knows there, such as https://hooks.example.com; a proxy there passes requests on to isync serve',
  })
}

const hidden = new BlockList()
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const)
  hidden.addSubnet(network, bits, 'ipv4')
hidden.addAddress('::', 'ipv6')
hidden.addAddress('::1', 'ipv6')
hidden.addSubnet('fc00::', 7, 'ipv6')
hidden.addSubnet('fe80::', 10, 'ipv6')

function isPrivate(hostname: string): boolean {
  const bare = hostname.replace(/^\[|\]$/g, '')
  const version = isIP(bare)
  if (version > 0) return hidden.check(bare, version === 4 ? 'ipv4' : 'ipv6')
  return !bare.includes('.') || /\.(localhost|local|internal|lan|home\.arpa)\.?$/.test(bare)
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname)
}
