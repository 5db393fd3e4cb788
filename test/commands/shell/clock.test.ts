import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { sharedClock, systemClock } from '../../../src/commands/shell/clock.ts'
import { StoppedError } from '../../../src/core/errors.ts'

const folder = mkdtempSync(join(tmpdir(), 'isync-clock-'))
afterAll(() => rmSync(folder, { recursive: true }))

const noon = Date.UTC(2026, 0, 24, 12)
const HOUR = 3_600_000

function setClock(name: string, state: object | string): string {
  const file = join(folder, name)
  writeFileSync(`${file}.tmp`, typeof state === 'string' ? state : JSON.stringify(state))
  renameSync(`${file}.tmp`, file)
  return file
}

describe('the system clock', () => {
  it('tells the time and sleeps', async () => {
    const clock = systemClock()
    const before = clock.now()
    await clock.sleep(15)
    expect(clock.now() - before).toBeGreaterThanOrEqual(14)
    await clock.sleep(-5)
  })

  it('stops sleeping at once when the signal aborts, also when it did before', async () => {
    const controller = new AbortController()
    const sleeping = systemClock().sleep(HOUR, controller.signal)
    controller.abort()
    await expect(sleeping).rejects.toThrow(StoppedError)
    await expect(systemClock().sleep(1, controller.signal)).rejects.toThrow(StoppedError)
  })
})

describe('the shared clock', () => {
  it('is the real time until its file is there', () => {
    expect(Math.abs(sharedClock(join(folder, 'gone')).now() - Date.now())).toBeLessThan(1000)
  })

  it('runs from its anchor at its scale', () => {
    const still = sharedClock(setClock('still', { anchorReal: Date.now(), anchorVirtual: noon, scale: 0 }))
    expect(still.now()).toBe(noon)
    const fast = sharedClock(setClock('fast', { anchorReal: Date.now() - 1000, anchorVirtual: noon, scale: 3600 }))
    expect(fast.now() - noon).toBeGreaterThanOrEqual(HOUR)
  })

  it('follows every new version of its file, and keeps the last good one', () => {
    const file = setClock('moved', { anchorReal: Date.now(), anchorVirtual: noon, scale: 0 })
    const clock = sharedClock(file)
    expect(clock.now()).toBe(noon)
    setClock('moved', { anchorReal: Date.now(), anchorVirtual: noon + HOUR, scale: 0 })
    expect(clock.now()).toBe(noon + HOUR)
    for (const broken of [
      '{',
      '[]',
      'null',
      '{"anchorReal":1,"anchorVirtual":"x","scale":1}',
      '{"anchorReal":1,"anchorVirtual":2,"scale":-1}',
    ]) {
      setClock('moved', broken)
      expect(clock.now()).toBe(noon + HOUR)
    }
  })

  it('sleeps virtual time', async () => {
    const clock = sharedClock(setClock('asleep', { anchorReal: Date.now(), anchorVirtual: noon, scale: 100_000 }))
    const started = performance.now()
    await clock.sleep(HOUR)
    expect(performance.now() - started).toBeLessThan(2000)
    expect(clock.now() - noon).toBeGreaterThanOrEqual(HOUR)
  })

  it('wakes a sleeper when another process moves it on', async () => {
    const clock = sharedClock(setClock('jump', { anchorReal: Date.now(), anchorVirtual: noon, scale: 0 }))
    let awake = false
    const sleeping = clock.sleep(HOUR).then(() => {
      awake = true
    })
    await systemClock().sleep(80)
    expect(awake).toBe(false)
    setClock('jump', { anchorReal: Date.now(), anchorVirtual: noon + HOUR, scale: 0 })
    await sleeping
    expect(awake).toBe(true)
  })

  it('stops a sleeper whose signal aborts', async () => {
    const clock = sharedClock(setClock('stop', { anchorReal: Date.now(), anchorVirtual: noon, scale: 0 }))
    await expect(clock.sleep(HOUR, AbortSignal.timeout(20))).rejects.toThrow(StoppedError)
  })
})
