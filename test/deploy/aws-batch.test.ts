import { cp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { unknownVariables } from '../../src/cli/unknown-variables.js'
import { parseDuration } from '../../src/settings/duration.js'
import { workerName, workerSettings, workerSlots } from '../../src/settings/worker.js'
import { configuredStore } from '../../src/store/configured.js'
import { temporaryFolder } from '../support/folders.js'
import { checkout, hasCheckers, hasTerraform, runPython, terraform } from './tools.js'

interface JobDefinition {
  readonly containerProperties: {
    readonly environment: readonly { readonly name: string; readonly value: string }[]
    readonly resourceRequirements: readonly { readonly type: string; readonly value: string }[]
    readonly secrets: readonly { readonly name: string; readonly valueFrom: string }[]
  }
  readonly retryStrategy: { readonly evaluateOnExit: readonly Readonly<Record<string, string>>[] }
  readonly timeout: { readonly attemptDurationSeconds: number }
}

const here = join(checkout, 'deploy/aws-batch')
const script = fileURLToPath(new URL('register_job_definition.py', import.meta.url))
const suite = 'the job definition of AWS Batch'

const worker = {
  image: '123456789012.dkr.ecr.us-east-1.amazonaws.com/scythe:latest',
  vcpus: 4,
  memory: 14_000,
  environment: { SCYTHE_STORAGE_BUCKET: 'runs', SCYTHE_STORAGE_BUCKET_PREFIX: 'scythe' },
  token_secret: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:token',
  task_role: 'arn:aws:iam::123456789012:role/task',
  execution_role: 'arn:aws:iam::123456789012:role/execution',
  log_group: '/scythe/workers',
  region: 'us-east-1',
  idle_exit: '10m',
}

describe.skipIf(!(await hasTerraform('Terraform for AWS Batch')))('Terraform for AWS Batch', () => {
  test('is formatted, and every file of it can be read', async () => {
    expect(await terraform(here, 'fmt', '-check', '-recursive', '-diff')).toBe('')
  })
})

describe.skipIf(!(await hasTerraform(suite)) || !(await hasCheckers(suite)))(suite, () => {
  test.each([
    { name: 'scythe-cpu', gpus: 0 },
    { name: 'scythe-gpu', gpus: 1 },
  ])('is taken by AWS Batch as Terraform sends it: $name', async ({ name, gpus }) => {
    const definition = await jobDefinition({ ...worker, name, gpus })
    const registered = JSON.parse(await runPython([script], JSON.stringify(definition)))
    expect(registered).toMatchObject({ ...definition, jobDefinitionName: name, status: 'ACTIVE' })

    const { containerProperties, retryStrategy, timeout } = registered as JobDefinition
    const { resourceRequirements, secrets } = containerProperties
    expect(resourceRequirements.filter(({ type }) => type === 'GPU').map(({ value }) => value)).toEqual(
      gpus ? ['1'] : [],
    )
    expect(secrets).toEqual([{ name: 'HATCHET_CLIENT_TOKEN', valueFrom: worker.token_secret }])
    expect(retryStrategy.evaluateOnExit).toContainEqual({ onStatusReason: 'Host EC2*', action: 'retry' })

    const environment = Object.fromEntries(containerProperties.environment.map(({ name, value }) => [name, value]))
    expect(unknownVariables(environment)).toEqual([])
    const settings = workerSettings({ ...environment, AWS_BATCH_JOB_ARRAY_INDEX: '7' })
    expect(workerName(settings, settings.host)).toBe('ScytheWorker--AWSBatch0007')
    expect(workerSlots(settings)).toBe(worker.vcpus)
    expect(settings).toMatchObject({ hasGpu: gpus > 0, idleExit: parseDuration('10m') })
    expect(settings.lifetime! + settings.drain).toBeLessThan(timeout.attemptDurationSeconds * 1000)
    expect(configuredStore(environment)).toBe('s3://runs/scythe')
  })
})

/** As deploy/aws-batch/batch.tf has it. */
async function jobDefinition(variables: object): Promise<JobDefinition> {
  const folder = await temporaryFolder()
  await cp(join(here, 'job'), folder, { recursive: true })
  await writeFile(join(folder, 'terraform.tfvars.json'), JSON.stringify(variables))
  await terraform(folder, 'init', '-input=false')
  await terraform(folder, 'apply', '-input=false', '-auto-approve')
  return JSON.parse(await terraform(folder, 'output', '-json', 'definition'))
}
