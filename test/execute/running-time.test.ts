import { expect, test } from 'vitest'
import { createRunningTime } from '../../src/execute/running-time.js'

/** A clock that is looked at every 250 ms while the test lets time pass. */
function played() {
  let now = 1_000
  const time = createRunningTime(() => now)
  return {
    since: time.since,
    at: () => now,
    run(ms: number) {
      for (let passed = 0; passed < ms; passed += 250) {
        now += 250
        time.tick()
      }
    },
    stop(ms: number) {
      now += ms
    },
  }
}

test('time in which the process ran counts', () => {
  const clock = played()
  const from = clock.at()
  clock.run(10_000)
  expect(clock.since(from)).toBe(10_000)
})

test('time in which the process was stopped does not count, before or after the timer has fired', () => {
  const clock = played()
  const from = clock.at()
  clock.run(1_000)
  clock.stop(20_000)
  expect(clock.since(from)).toBe(1_250)
  clock.run(1_000)
  expect(clock.since(from)).toBe(2_250)
})

test('a stop before the measured interval is not deducted', () => {
  const clock = played()
  clock.stop(20_000)
  clock.run(250)
  const from = clock.at()
  clock.run(3_000)
  expect(clock.since(from)).toBe(3_000)
})

test('a busy event loop is not mistaken for a stop', () => {
  const clock = played()
  const from = clock.at()
  for (let i = 0; i < 10; i++) {
    clock.stop(1_000)
    clock.run(250)
  }
  expect(clock.since(from)).toBe(12_500)
})
