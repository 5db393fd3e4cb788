import type { SerializedError } from 'vitest'
import type { Reporter, TestModule } from 'vitest/node'

/** Names what was skipped, then says the count in one line, for people and scripts that read only the last one. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    let passed = 0
    let failed = errors.length
    const skipped: string[] = []
    for (const module of modules) {
      const tests = [...module.children.allTests()]
      for (const test of tests) {
        const { state } = test.result()
        if (state === 'passed') passed++
        else if (state === 'skipped') skipped.push(`${module.relativeModuleId}: ${test.fullName}`)
        else failed++
      }
      const broken = module.state() === 'failed' && tests.every((test) => test.result().state !== 'failed')
      if (broken) failed++
    }
    for (const name of skipped) process.stdout.write(`skipped ${name}\n`)
    process.stdout.write(`${passed} passed, ${failed} failed\n`)
  }
}
