import { describe, expect, test } from 'vitest'
import { targetOf } from '../../src/connectors/mirakl/address-line.ts'

const baseUrl = 'https://macys-prod.mirakl.net'
const file = '/api/orders/async-export/file/60aa?file=file1.json'
const target = (link: string, over: object = {}) => targetOf({ baseUrl, ...over }, { path: '', link })

describe('where a file of an export is fetched', () => {
  test.each<[string, string, object, string | undefined, boolean]>([
    ["the marketplace's own", `${baseUrl}${file}`, {}, `${baseUrl}${file}`, true],
    ['with the shop, where one is configured', `${baseUrl}${file}`, { shopId: 7 }, `${baseUrl}${file}&shop_id=7`, true],
    ['with the shop that it names itself', `${baseUrl}${file}&shop_id=9`, { shopId: 7 }, `${baseUrl}${file}&shop_id=9`, true],
    ['never without encryption', `http://macys-prod.mirakl.net${file}`, {}, `${baseUrl}${file}`, true],
    ['never at another port', `https://macys-prod.mirakl.net:8443${file}`, {}, `${baseUrl}${file}`, true],
    [
      'through the proxy that everything goes through',
      `${baseUrl}${file}`,
      { endpoint: 'http://127.0.0.1:9/macys' },
      `http://127.0.0.1:9/macys${file}`,
      true,
    ],
    [
      'as the proxy itself names it',
      `http://127.0.0.1:9/macys${file}`,
      { endpoint: 'http://127.0.0.1:9/macys' },
      `http://127.0.0.1:9/macys${file}`,
      true,
    ],
    [
      "at somebody else's, as it is and without the key",
      'https://storage.example.com/f?sig=a%2Bb',
      { shopId: 7 },
      'https://storage.example.com/f?sig=a%2Bb',
      false,
    ],
    [
      'not at a host that only ends like ours',
      `https://evil-macys-prod.mirakl.net${file}`,
      {},
      `https://evil-macys-prod.mirakl.net${file}`,
      false,
    ],
    ["not at somebody else's without encryption", 'http://storage.example.com/f', {}, undefined, false],
    ['not in a file of this machine', 'file:///etc/passwd', {}, undefined, false],
    ['not at what is no address', 'file1.json', {}, undefined, false],
  ])('%s', (_, link, over, url, isOwn) => {
    expect(target(link, over)).toEqual(url === undefined ? undefined : { url, isOwn })
  })
})
