import { describe, expect, it } from 'vitest'
import { BaseExperiment, localEngine, openStore } from '../../src/index.js'
import { toYaml } from '../../src/run/manifest.js'
import { temporaryFolder } from '../support/folders.js'
import { comparable, type Frame, readFrames } from './frames.js'
import { echoKinds, KINDS } from './kinds-experiment.js'
import { hasPythonScythe, runPythonScythe } from './python-scythe.js'

/** What Python writes of fields of every kind if we had written it. */
const kindsAsOurs = (theirs: Frame): Frame => {
  const dtypes: Readonly<Record<string, string>> = {
    // With a null among them, Python's integers are floats, which are not exact. So are ours in an index: pandas has no other there.
    out_maybe_integer: 'Int64',
    // Python's times and dates are texts.
    time: 'datetime64[ms, UTC]',
    out_time: 'datetime64[ms, UTC]',
    // A column's type is that of its schema. Python's has none where there are only nulls.
    never: 'float64',
    out_never: 'float64',
  }
  const asTime = (text: unknown) => ({ timestamp: new Date(text as string).toISOString().replace('Z', '+00:00') })
  const other = (names: readonly (string | null)[], all: readonly string[]) =>
    names.map((name, i) => dtypes[name!] ?? all[i]!)
  return {
    ...theirs,
    dtypes: other(theirs.columns, theirs.dtypes),
    index_dtypes: other(theirs.index, theirs.index_dtypes),
    rows: theirs.rows.map(({ day, out_day, time, out_time, ...row }) => ({
      ...row,
      day: { date: day },
      out_day: { date: out_day },
      time: asTime(time),
      out_time: asTime(out_time),
    })),
  }
}

describe.skipIf(!(await hasPythonScythe('what we write beside what Python Scythe writes')))('what we write', () => {
  it('has fields of every kind as Python has them, but for what is listed', async () => {
    const store = openStore(await temporaryFolder())
    const engine = await localEngine({ slots: 1 })
    const { run, ref } = await new BaseExperiment({ runnable: echoKinds, store }).allocate(KINDS, { engine })
    expect(await ref.result()).toMatchObject({ results: KINDS.length })
    await engine.close()
    const specs = KINDS.map((spec, sort_index) => ({ experiment_id: run.id, sort_index, ...spec }))
    const theirs = await runPythonScythe<Frame>(new URL('python/write_kinds.py', import.meta.url), specs)
    const [frames] = await readFrames([{ store, id: run.id }])
    expect(comparable(frames!, run.id).scalars).toEqual(kindsAsOurs(comparable({ theirs }, run.id).theirs!))
  })

  it('has texts in YAML that are texts to Python, to whom a plain on is a boolean and 12:30 a number', async () => {
    const texts = 'yes on off y n null ~ 1_000 017 1e3 12:30 2026-11-21 = true'.split(' ')
    const value = { texts, on: 'on', y: 'y', is: true, x: 0.5, nothing: null }
    const found = await runPythonScythe(new URL('python/load_yaml.py', import.meta.url), [await toYaml(value)])
    expect(found).toEqual([value])
  })
})
