import { expect, onTestFinished, test, vi } from 'vitest'
import { tellTrouble } from '../../src/worker/run-worker.js'

test('a worker logs once that it receives no work, and once that it receives work again', async () => {
  vi.useFakeTimers()
  const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  onTestFinished(() => {
    vi.useRealTimers()
    stderr.mockRestore()
  })
  let problems: string[] = []
  const end = tellTrouble({ problems: async () => problems }, 'w1')
  const said = async () => {
    await vi.advanceTimersByTimeAsync(10_000)
    const lines = stderr.mock.calls.map(([line]) => line)
    stderr.mockClear()
    return lines
  }
  expect(await said()).toEqual([])
  problems = ['the engine does not answer: ECONNREFUSED']
  expect(await said()).toEqual(['scythe: no work comes for now: the engine does not answer: ECONNREFUSED\n'])
  problems = ['the engine counts this worker as inactive']
  expect(await said()).toEqual([])
  problems = []
  expect(await said()).toEqual(['scythe: the engine sends work again\n'])
  end()
  problems = ['the engine counts this worker as inactive']
  expect(await said()).toEqual([])
})
