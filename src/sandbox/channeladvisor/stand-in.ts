import type { SandboxClock, StandIn, StandInFactory } from '../stand-in.ts'

/** Rithum's ChannelAdvisor REST API v1. */
export const createChannelAdvisor: StandInFactory = (_clock: SandboxClock): StandIn => ({
  vendor: 'channeladvisor',
  handle: () => ({ status: 404, body: { Message: 'No HTTP resource was found that matches the request URI.' } }),
  seed: () => undefined,
  act: (action) => {
    throw new Error(`channeladvisor: no action '${action}'`)
  },
  books: () => ({ orders: [], products: [] }),
  reset: () => undefined,
})
