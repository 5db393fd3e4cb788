// A process of its own: the stand-ins on loopback, without the bodies that a journal would keep of a big run.
//
// Says `{ origins }` when it listens, and `{ cpuMs }`, all it has used so far, whenever it is asked anything.
import { createClock } from '../../src/sandbox/clock.ts'
import { startSandbox } from '../../src/sandbox/server.ts'

const [clockFile] = process.argv.slice(2)
const { origins } = await startSandbox({ portBase: 0, clock: createClock({ file: clockFile }), keepBodies: false })
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send({ cpuMs: (user + system) / 1000 })
})
process.on('disconnect', () => process.exit())
process.send({ origins })
