import type { SerializedError } from 'vitest'
import type { Reporter, TestCase, TestModule } from 'vitest/node'

/** Names what was skipped, then says the count in one line, for people and scripts that read only the last one. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[]): void {
    let passed = 0
    let failed = errors.length
    const skipped = new Map<string, number>()
    for (const module of modules) {
      const tests = [...module.children.allTests()]
      for (const test of tests) {
        const { state } = test.result()
        if (state === 'passed') passed++
        else if (state === 'skipped') skipped.set(groupOf(test), (skipped.get(groupOf(test)) ?? 0) + 1)
        else failed++
      }
      const brokenOutsideOfTests = module.state() === 'failed' && tests.every((test) => test.result().state !== 'failed')
      if (brokenOutsideOfTests) failed++
    }
    for (const [group, count] of skipped) process.stdout.write(`${count} skipped: ${group}\n`)
    process.stdout.write(`${passed} passed, ${failed} failed\n`)
  }
}

function groupOf(test: TestCase): string {
  return `${test.module.relativeModuleId}: ${test.parent.type === 'suite' ? test.parent.fullName : test.name}`
}
