import { defineConfig } from 'vitest/config'

const long = 'test/**/*.long.test.ts'
const rules = 'test/architecture/*.test.ts'
// Two cores: the default of one worker leaves one of them idle, since most of the time goes into programs that the tests start.
const world = { globalSetup: 'test/world/postgres.ts', pool: 'forks', maxWorkers: 2 } as const

export default defineConfig({
  test: {
    reporters: ['default', './test/world/reporter.ts'],
    projects: [
      {
        test: {
          ...world,
          name: 'fast',
          provide: { thorough: false },
          include: ['test/**/*.test.ts'],
          exclude: [long, rules],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          ...world,
          name: 'long',
          provide: { thorough: true },
          include: [long],
          testTimeout: 1_800_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: { name: 'rules', include: [rules], pool: 'forks', testTimeout: 60_000 },
      },
    ],
  },
})
