import { describe, expect, it } from 'vitest'
import { countedAs, isNear, senderBehind } from '../../src/serve/sender.ts'

const PROXIES = ['127.0.0.1', '10.10.0.0/16', 'fd00:1::/32', '::1']
const behind = senderBehind(PROXIES)
const direct = senderBehind([])

describe('who a request is from', () => {
  it('is the address that it comes from, where no proxy is trusted', () => {
    expect(direct('203.0.113.7', undefined)).toBe('203.0.113.7')
    expect(direct('203.0.113.7', '198.51.100.1')).toBe('203.0.113.7')
    expect(direct('127.0.0.1', '198.51.100.1')).toBe('127.0.0.1')
  })

  it('is what the trusted proxy says', () => {
    expect(behind('127.0.0.1', '198.51.100.1')).toBe('198.51.100.1')
    expect(behind('10.10.255.255', '198.51.100.1')).toBe('198.51.100.1')
    expect(behind('fd00:1:ffff::9', '2001:db8::1')).toBe('2001:db8::1')
    expect(behind('::1', '198.51.100.1')).toBe('198.51.100.1')
  })

  it('is not what a stranger says in that header', () => {
    expect(behind('203.0.113.7', '198.51.100.1')).toBe('203.0.113.7')
    expect(behind('10.11.0.1', '198.51.100.1')).toBe('10.11.0.1')
  })

  it.each([
    ['one name before the proxy wrote the address', '198.51.100.1, 203.0.113.7'],
    ['a proxy of ours, made up', '10.10.0.1, 203.0.113.7'],
    ['ten of them', `${'10.10.0.1, '.repeat(10)}203.0.113.7`],
    ['no address at all', 'for=evil, 203.0.113.7'],
    ['without blanks', '198.51.100.1,203.0.113.7'],
  ])('is the last that the proxy itself saw, whatever the sender put in front: %s', (_, header) => {
    expect(behind('127.0.0.1', header)).toBe('203.0.113.7')
  })

  it('is found behind several proxies of ours', () => {
    expect(behind('127.0.0.1', '198.51.100.1, 203.0.113.7, 10.10.3.4')).toBe('203.0.113.7')
    expect(behind('127.0.0.1', '203.0.113.7, fd00:1::5, 10.10.3.4')).toBe('203.0.113.7')
  })

  it.each([['unknown'], [''], [','], ['203.0.113.7:1234'], ['[2001:db8::1]'], ['0x7f.1'], ['2130706433'], ['203.0.113.7\u0000']])(
    'stays the proxy where it says nothing that is an address: %j',
    (header) => {
      expect(behind('127.0.0.1', header)).toBe('127.0.0.1')
    },
  )

  it('is the same whether an IPv4 address came by an IPv6 socket or not', () => {
    expect(direct('::ffff:203.0.113.7', undefined)).toBe('203.0.113.7')
    expect(behind('::ffff:127.0.0.1', '198.51.100.1')).toBe('198.51.100.1')
    expect(behind('127.0.0.1', '::FFFF:198.51.100.1')).toBe('198.51.100.1')
    expect(behind('127.0.0.1', '198.51.100.1, ::ffff:10.10.0.1')).toBe('198.51.100.1')
  })

  it('is nobody when the connection is gone already', () => {
    expect(direct(undefined, '198.51.100.1')).toBe('')
    expect(behind(undefined, '198.51.100.1')).toBe('')
  })
})

describe('what a sender is counted by', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:0db8:0001:0002:ffff:ffff:ffff:ffff', '2001:db8:1:2'],
    ['2001:DB8:1:2::', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['2001:db8::5:0:0:0:1', '2001:db8:0:5'],
    ['::1', '0:0:0:0'],
    ['::', '0:0:0:0'],
    ['1::', '1:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['64:ff9b::203.0.113.7', '64:ff9b:0:0'],
    ['', ''],
  ])('of %s is %s', (address, counted) => {
    expect(countedAs(address)).toBe(counted)
  })

  it('is one for all addresses of a network, of which everybody has 2^64', () => {
    const all = Array.from({ length: 500 }, (_, n) => countedAs(`2001:db8:1:2:${n.toString(16)}::${(n * 7).toString(16)}`))
    expect(new Set(all).size).toBe(1)
  })
})

it.each([
  ['127.0.0.1', true],
  ['10.10.3.4', true],
  ['172.31.255.255', true],
  ['192.168.1.1', true],
  ['::1', true],
  ['fd00:1::5', true],
  ['172.32.0.1', false],
  ['203.0.113.7', false],
  ['2001:db8::1', false],
  ['unix:', false],
])('%s is of this machine or of a private network: %s', (address, expected) => {
  expect(isNear(address)).toBe(expected)
})
