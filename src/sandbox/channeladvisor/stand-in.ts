import type { SandboxClock, StandIn, StandInFactory } from '../stand-in.ts'
import { runAction } from './actions.ts'
import { booksOf } from './books.ts'
import { applySeed } from './seed.ts'
import { serve } from './serve.ts'
import { createState } from './state.ts'
import { workOff } from './upload.ts'

/**
 * Rithum's ChannelAdvisor REST API v1 for one or several integrations: the token endpoint, orders with their export flags, fulfillments,
 * products with their quantities, distribution centers, $batch and files of quantities. The seed is read in seed.ts, a compact order in
 * order-seed.ts, a product in product-seed.ts; what happens is in order-actions.ts, product-actions.ts and actions.ts, the books in books.ts.
 */
export const createChannelAdvisor: StandInFactory = (clock: SandboxClock): StandIn => {
  let state = createState(clock)
  return {
    vendor: 'channeladvisor',
    handle: (request) => serve(state, request),
    seed: (document) => applySeed(state, document),
    act(action, argument) {
      workOff(state)
      return runAction(state, action, argument)
    },
    books() {
      workOff(state)
      return booksOf(state)
    },
    reset() {
      state = createState(clock)
    },
  }
}
