import { createServer, request as forwardTo } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { Sandbox } from '../../src/sandbox/server.ts'

interface Row {
  readonly sku: string | null
  readonly item_id: string
  readonly live: number | null
  readonly quantity: number
  readonly ended: boolean
  readonly variation?: boolean
}

export interface Front {
  readonly origin: string
  /** Calls of GetMyeBaySelling so far. */
  readonly asked: string[]
  close(): Promise<void>
}

/**
 * The stand-in with one call more: GetMyeBaySelling, told from the stand-in's own listings, 200 items to a page. `variations`: items
 * whose rows are variations though there is only one of them.
 */
export async function withActiveList(sandbox: Sandbox, variations: ReadonlySet<string> = new Set()): Promise<Front> {
  const asked: string[] = []
  const server = createServer(async (incoming, reply) => {
    const body = await buffer(incoming)
    if (incoming.headers['x-ebay-api-call-name'] === 'GetMyeBaySelling') {
      asked.push(body.toString())
      reply.setHeader('content-type', 'text/xml')
      reply.end(activeList(sandbox, variations, body.toString()))
      return
    }
    const { hostname, port } = new URL(sandbox.origins.ebay)
    const onwards = forwardTo(
      {
        hostname,
        port,
        path: incoming.url,
        method: incoming.method,
        headers: { ...incoming.headers, host: `${hostname}:${port}` },
      },
      (answer) => {
        reply.writeHead(answer.statusCode ?? 500, answer.headers)
        answer.pipe(reply)
        answer.on('error', () => reply.destroy())
      },
    )
    onwards.on('error', () => reply.destroy())
    onwards.end(body)
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: () => new Promise((done) => server.close(() => done())),
  }
}

const PER_PAGE = 200

function activeList(sandbox: Sandbox, variations: ReadonlySet<string>, request: string): string {
  const page = Number(/<PageNumber>(\d+)</.exec(request)?.[1] ?? '1')
  const { listings } = sandbox.books('ebay') as { readonly listings: readonly Row[] }
  const items = new Map<string, Row[]>()
  for (const row of listings) if (!row.ended) items.set(row.item_id, [...(items.get(row.item_id) ?? []), row])
  const shown = [...items].slice((page - 1) * PER_PAGE, page * PER_PAGE)
  const pages = Math.max(1, Math.ceil(items.size / PER_PAGE))
  return `<?xml version="1.0" encoding="UTF-8"?><GetMyeBaySellingResponse xmlns="urn:ebay:apis:eBLBaseComponents"><Ack>Success</Ack><ActiveList>
<ItemArray>${shown.map(([id, rows]) => itemXml(id, rows, variations.has(id) || rows.length > 1)).join('')}</ItemArray>
<PaginationResult><TotalNumberOfPages>${pages}</TotalNumberOfPages></PaginationResult></ActiveList></GetMyeBaySellingResponse>`
}

/** A variation tells what was ever put up and what was sold of it; 5 of each are sold here. */
function itemXml(id: string, rows: readonly Row[], isVaried: boolean): string {
  const sku = (row: Row) => (row.sku === null ? '' : `<SKU>${row.sku.replaceAll('&', '&amp;')}</SKU>`)
  if (!isVaried)
    return rows
      .map((row) => `<Item><ItemID>${id}</ItemID>${sku(row)}<QuantityAvailable>${row.quantity}</QuantityAvailable></Item>`)
      .join('')
  const each = rows.map(
    (row) =>
      `<Variation>${sku(row)}<Quantity>${row.quantity + 5}</Quantity><SellingStatus><QuantitySold>5</QuantitySold></SellingStatus></Variation>`,
  )
  return `<Item><ItemID>${id}</ItemID><Variations>${each.join('')}</Variations></Item>`
}
