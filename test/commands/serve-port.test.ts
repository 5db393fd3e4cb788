import { createServer } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { databases } from '../world/databases.ts'
import { startWorld } from '../world/loop.ts'

const [sqlite] = databases
if (sqlite === undefined) throw new Error('no database')

it('a server that cannot have its port says so and ends, so that whoever watches over it starts it again', async () => {
  const world = await startWorld(sqlite)
  onTestFinished(() => world.close())
  const other = createServer()
  await new Promise<void>((listening) => other.listen(0, '127.0.0.1', listening))
  onTestFinished(() => void other.close())
  const address = other.address()
  if (address === null || typeof address === 'string') throw new Error('no port')

  const { code, stdout, stderr } = await world.isync(['serve', '--port', String(address.port)])

  expect(code).not.toBe(0)
  expect(stdout + stderr).toContain(`isync serve cannot listen on 127.0.0.1 port ${address.port}`)
  expect(stdout + stderr).toContain('another program listens there')
})
