import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { BaseExperiment, localEngine, openStore } from '../../src/index.js'
import { openRunFolder } from '../../src/scatter/run-folder.js'
import { NONE } from '../../src/store/patience.js'
import { profile } from '../fixtures/experiments.js'
import { temporaryFolder } from '../support/folders.js'

it('a run folder reads the specs of a run again after the store was away', async () => {
  const folder = join(await temporaryFolder(), 'store')
  const engine = await localEngine({ slots: 1 })
  const experiment = new BaseExperiment({ runnable: profile, store: folder })
  const { run, ref } = await experiment.allocate([{ base: 1 }], { engine })
  await ref.result()
  await engine.close()
  const { readSpecs } = await openRunFolder(openStore(folder).patient(NONE), run.id)
  await rename(folder, `${folder}-away`)
  await expect(readSpecs(0)).rejects.toMatchObject({ code: 'STORE_UNUSABLE' })
  await rename(`${folder}-away`, folder)
  expect(await readSpecs(0)).toMatchObject({ rows: 1 })
})
