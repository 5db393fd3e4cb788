import type { StandInFactory } from '../stand-in.ts'

export const createShipStation: StandInFactory = () => ({
  vendor: 'shipstation',
  handle: () => ({ status: 404 }),
  seed: () => undefined,
  act: () => undefined,
  books: () => ({}),
  reset: () => undefined,
})
