import type { SandboxClock } from '../stand-in.ts'

export interface Later {
  /** Runs `step` once the virtual time has come; steps of one instant run in the order in which they were planned. */
  at(time: number, step: (time: number) => void): void
  /** Runs whatever is due, in order of time. Nothing runs by itself: whoever looks at the state calls this first. */
  settle(): void
  reset(): void
}

interface Step {
  readonly time: number
  readonly run: (time: number) => void
}

/** What happens after a while of virtual time. */
export function createLater(clock: SandboxClock): Later {
  let steps: Step[] = []
  let next = 0

  return {
    at(time, run) {
      // Steps come nearly in order of time, so the place is found from the end.
      let place = steps.length
      while (place > next && (steps[place - 1]?.time ?? 0) > time) place -= 1
      steps.splice(place, 0, { time, run })
    },
    settle() {
      const now = clock.now()
      for (let step = steps[next]; step !== undefined && step.time <= now; step = steps[next]) {
        next += 1
        step.run(step.time)
      }
      if (next === 0) return
      steps = steps.slice(next)
      next = 0
    },
    reset() {
      steps = []
      next = 0
    },
  }
}
