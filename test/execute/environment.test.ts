import { expect, onTestFinished, test } from 'vitest'
import { environmentOfSpecs } from '../../src/execute/pool/environment.js'
import { createPool } from '../../src/execute/pool/pool.js'
import { ExperimentRegistry } from '../../src/experiment/registry.js'
import { look } from './fixtures/secrets.js'
import { testRun } from './support.js'

const TOKEN = `${btoa('{"alg":"ES256"}')}.${btoa('{"sub":"tenant"}')}.signature`
const SECRETS = {
  HATCHET_CLIENT_TOKEN: TOKEN,
  AWS_ACCESS_KEY_ID: 'id',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_SESSION_TOKEN: 'session',
  AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '/credentials',
}
const env = { ...process.env, ...SECRETS, AWS_REGION: 'eu-west-1', LICENCE: 'mine' }

test('specs do not see the token of the engine or the credentials of the store, unless they are passed', async () => {
  const pool = createPool({ slots: 1, worker: 'test', env: environmentOfSpecs(env, ['AWS_SESSION_TOKEN']) })
  onTestFinished(() => pool.close())
  const variables = [...Object.keys(SECRETS), 'AWS_REGION', 'LICENCE', 'PATH']
  const run = testRun(
    ExperimentRegistry.get(look),
    variables.map((variable) => ({ variable })),
  )
  await pool.run(run.batch, run.host)
  const rows = await run.table('scalars')
  expect(Object.fromEntries(rows.map(({ variable, found }) => [variable, found]))).toEqual({
    HATCHET_CLIENT_TOKEN: TOKEN.replace('signature', 'withheld'),
    AWS_ACCESS_KEY_ID: null,
    AWS_SECRET_ACCESS_KEY: null,
    AWS_SESSION_TOKEN: 'session',
    AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: null,
    AWS_REGION: 'eu-west-1',
    LICENCE: 'mine',
    PATH: process.env.PATH,
  })
})

test('an allowed token is passed whole, and a token without claims is withheld', () => {
  expect(environmentOfSpecs({ HATCHET_CLIENT_TOKEN: TOKEN }, ['HATCHET_CLIENT_TOKEN'])).toEqual({
    HATCHET_CLIENT_TOKEN: TOKEN,
  })
  expect(environmentOfSpecs({ HATCHET_CLIENT_TOKEN: 'secret' }, [])).toEqual({ HATCHET_CLIENT_TOKEN: 'withheld' })
  expect(environmentOfSpecs({ PATH: '/bin' }, ['HATCHET_CLIENT_TOKEN'])).toEqual({ PATH: '/bin' })
})
