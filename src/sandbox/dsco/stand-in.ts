import type { SandboxClock, StandIn, StandInFactory } from '../stand-in.ts'

/** Rithum's Dsco platform API v3. */
export const createDsco: StandInFactory = (_clock: SandboxClock): StandIn => ({
  vendor: 'dsco',
  handle: (request) => (request.path === '/api/v3/hello' ? { status: 200, body: { hello: 'World!' } } : { status: 404 }),
  seed: () => undefined,
  act: (action) => {
    throw new Error(`dsco: no action '${action}'`)
  },
  books: () => ({ orders: [], items: [] }),
  reset: () => undefined,
})
