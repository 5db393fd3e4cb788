import type { MarketplaceConnector, OpenOrder, OrderPage } from '../../../src/core/ports/marketplace.ts'

type Read = Pick<OrderPage, 'orders' | 'poison' | 'skipped'>

/** The same connector; whatever it says besides orders themselves is written down: errors, outcomes, reasons, cursors, health. */
export function listenTo(connector: MarketplaceConnector, heard: string[]): MarketplaceConnector {
  const { acknowledgeOrders, readQuantityReport, describeListings } = connector
  const note = (said: unknown) => void heard.push(textOf(said))
  async function hear<T>(work: Promise<T>): Promise<T> {
    try {
      const said = await work
      note(said)
      return said
    } catch (error) {
      note(error)
      throw error
    }
  }
  const reasonsOf = ({ poison }: Read) => poison.map(({ reason }) => reason)

  async function* listOrders(...asked: Parameters<MarketplaceConnector['listOrders']>): AsyncGenerator<OrderPage> {
    try {
      for await (const page of connector.listOrders(...asked)) {
        note([reasonsOf(page), page.next])
        yield page
      }
    } catch (error) {
      note(error)
      throw error
    }
  }

  async function* listOpenOrders(
    ...asked: Parameters<MarketplaceConnector['listOpenOrders']>
  ): AsyncGenerator<readonly OpenOrder[]> {
    try {
      for await (const page of connector.listOpenOrders(...asked)) {
        note(page)
        yield page
      }
    } catch (error) {
      note(error)
      throw error
    }
  }

  async function getOrders(...asked: Parameters<MarketplaceConnector['getOrders']>): Promise<Read> {
    try {
      const found = await connector.getOrders(...asked)
      note(reasonsOf(found))
      return found
    } catch (error) {
      note(error)
      throw error
    }
  }

  return {
    ...connector,
    listOrders,
    listOpenOrders,
    getOrders,
    confirmShipments: (...asked) => hear(connector.confirmShipments(...asked)),
    lookUpConfirmations: (...asked) => hear(connector.lookUpConfirmations(...asked)),
    health: (...asked) => hear(connector.health(...asked)),
    updateQuantities: (...asked) => hear(connector.updateQuantities(...asked)),
    ...(acknowledgeOrders === undefined ? {} : { acknowledgeOrders: (...asked) => hear(acknowledgeOrders(...asked)) }),
    ...(readQuantityReport === undefined ? {} : { readQuantityReport: (...asked) => hear(readQuantityReport(...asked)) }),
    ...(describeListings === undefined ? {} : { describeListings: (...asked) => hear(describeListings(...asked)) }),
  }
}

function textOf(said: unknown): string {
  return JSON.stringify(said, (_key, value: unknown) =>
    value instanceof Error ? `${value.name}: ${value.message} ${String(value.cause ?? '')}` : value,
  )
}
