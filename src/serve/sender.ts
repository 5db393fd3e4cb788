import { BlockList, isIP } from 'node:net'

/** Tells from which address a request comes, as far as that can be known. */
export type SenderOf = (remote: string | undefined, forwardedFor: string | undefined) => string

/**
 * `proxies`: addresses and networks whose X-Forwarded-For is believed. The list in that header is walked from its end, where the nearest proxy
 * wrote; the first address that is no proxy of ours is the sender, whatever stands before it.
 */
export function senderBehind(proxies: readonly string[]): SenderOf {
  const trusted = new BlockList()
  for (const proxy of proxies) {
    const [address = '', bits] = proxy.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    if (bits === undefined) trusted.addAddress(address, family)
    else trusted.addSubnet(address, Number(bits), family)
  }
  const isTrusted = (address: string) => {
    const version = isIP(address)
    return version !== 0 && trusted.check(address, version === 6 ? 'ipv6' : 'ipv4')
  }
  return (remote, forwardedFor) => {
    let sender = plain(remote ?? '')
    for (const hop of (forwardedFor ?? '').split(',').reverse()) {
      const before = plain(hop.trim())
      if (!isTrusted(sender) || isIP(before) === 0) break
      sender = before
    }
    return sender
  }
}

const near = new BlockList()
for (const [network, bits] of [
  ['10.0.0.0', 8],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
] as const)
  near.addSubnet(network, bits, 'ipv4')
near.addAddress('::1', 'ipv6')
near.addSubnet('fc00::', 7, 'ipv6')

/** Whether an address is of this machine or of a private network: no stranger's, so that what it forwards is a proxy's doing. */
export function isNear(address: string): boolean {
  return isIP(address) !== 0 && near.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

/** An IPv4 address that came by an IPv6 socket is itself. */
function plain(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  return mapped?.[1] ?? address
}

/** What one sender is counted by: whoever has one IPv6 address has the other 2^64 of its network too. */
export function countedAs(address: string): string {
  if (isIP(address) !== 6) return address
  const [head = '', tail = ''] = address.split('%', 1)[0]?.split('::') ?? []
  const front = head.split(':').filter((part) => part !== '')
  const back = tail.split(':').filter((part) => part !== '')
  const whole = [...front, ...Array.from({ length: Math.max(8 - front.length - back.length, 0) }, () => '0'), ...back]
  return whole
    .slice(0, 4)
    .map((part) => Number.parseInt(part, 16).toString(16))
    .join(':')
}
