import { pathToFileURL } from 'node:url'
import type { TaskWorkflowDeclaration, WorkflowDeclaration } from '@hatchet-dev/typescript-sdk'
import ts from 'typescript'
import { afterEach, beforeEach, describe, expect, expectTypeOf, it, vi } from 'vitest'
import { z } from 'zod'
import type { ExperimentContext } from '../../src/experiment/experiment.js'
import { fileReference } from '../../src/experiment/file-reference.js'
import { ExperimentRegistry, type IncludedWorkflow } from '../../src/experiment/registry.js'

const input = z.object({ rValue: z.number(), count: z.int().default(1), note: z.string().optional() })
const output = z.object({ energy: z.number(), report: fileReference().optional() })
const ctx = {} as ExperimentContext
const here = pathToFileURL(import.meta.filename).href

beforeEach(() => ExperimentRegistry.clear())
afterEach(() => ExperimentRegistry.clear())

describe('register on a function', () => {
  it('returns the function, and finds it by its name and by itself', () => {
    async function simulateEnergy() {
      return { energy: 1 }
    }
    expect(ExperimentRegistry.register({ input, output })(simulateEnergy)).toBe(simulateEnergy)

    const experiment = ExperimentRegistry.get(simulateEnergy)
    expect(experiment).toMatchObject({
      name: 'scythe_experiment_simulate_energy',
      fn: simulateEnergy,
      input,
      output,
      tables: {},
    })
    expect(ExperimentRegistry.get('scythe_experiment_simulate_energy')).toBe(experiment)
    expect(ExperimentRegistry.get('simulateEnergy')).toBe(experiment)
    expect(ExperimentRegistry.get('simulate_energy')).toBe(experiment)
    expect(ExperimentRegistry.list()).toEqual([experiment])
  })

  it('records the module that called it', () => {
    ExperimentRegistry.register({ input, output })(function f() {
      return { energy: 1 }
    })
    expect(ExperimentRegistry.get('f').module).toBe(here)
  })

  it('infers the types of spec and result from the schemas', () => {
    const tables = { hourly: z.object({ hour: z.int(), load: z.number() }) }
    const simulate = ExperimentRegistry.register({ input, output, tables })(async function simulate(spec, ctx) {
      expectTypeOf(spec).toEqualTypeOf<{ rValue: number; count: number; note?: string | undefined }>()
      expectTypeOf(ctx).toEqualTypeOf<ExperimentContext>()
      return { energy: spec.rValue, report: 'a.txt', tables: { hourly: [{ hour: 0, load: 1 }] } }
    })
    expectTypeOf(simulate).parameter(0).toEqualTypeOf<z.output<typeof input>>()
    expectTypeOf(simulate).returns.resolves.toHaveProperty('energy').toEqualTypeOf<number>()
  })

  it('does not compile if the function does not match the schemas', () => {
    const register = ExperimentRegistry.register({ input, output })
    // @ts-expect-error energy is a number
    register(async function wrongType() {
      return { energy: 'a lot' }
    })
    // @ts-expect-error energy is missing
    register(function missing() {
      return {}
    })
    // @ts-expect-error rValue is a number
    register(function wrongSpec(_spec: { rValue: string }) {
      return { energy: 1 }
    })
    const registerTables = ExperimentRegistry.register({
      input,
      output,
      tables: { hourly: z.object({ hour: z.int() }) },
    })
    // @ts-expect-error the table hourly is declared and not returned
    registerTables(function noTables() {
      return { energy: 1 }
    })
    // @ts-expect-error the rows of hourly have an hour
    registerTables(function wrongRows() {
      return { energy: 1, tables: { hourly: [{ minute: 1 }] } }
    })
    expect(ExperimentRegistry.list()).toHaveLength(5)
  })

  it('accepts a function that takes only the spec, is synchronous, and fills in no defaults itself', () => {
    const f = ExperimentRegistry.register({
      input: z.object({ n: z.int() }),
      output: z.object({ twice: z.int().default(0) }),
    })(function twice(spec) {
      return spec.n > 0 ? { twice: spec.n * 2 } : {}
    })
    expectTypeOf(f).returns.toExtend<{ twice?: number | undefined }>()
  })

  it('rejects a function without a name, unless the experiment is named', () => {
    const register = ExperimentRegistry.register({ input, output })
    expect(() => register(async () => ({ energy: 1 }))).toThrow(
      expect.objectContaining({
        code: 'EXPERIMENT_INVALID',
        option: 'name',
        message: expect.stringContaining('async function'),
      }),
    )
    ExperimentRegistry.register({ input, output, name: 'named' })(async () => ({ energy: 1 }))
    expect(ExperimentRegistry.get('named').name).toBe('named')
  })
})

describe('register without options', () => {
  it('throws, also as a decorator that is not called', () => {
    const register = ExperimentRegistry.register as unknown as (options?: unknown) => void
    expect(() => register()).toThrow(/expected register\(\{ input, output \}\), got undefined/)
    expect(() => register(function simulate() {})).toThrow(/got the function simulate/)
  })
})

describe('a name that is already registered', () => {
  const f = () => ({ energy: 1 })

  it('causes an error that names the module and the remedy', () => {
    ExperimentRegistry.register({ input, output, name: 'same' })(f)
    expect(() => ExperimentRegistry.register({ input, output, name: 'same' })(f)).toThrow(
      expect.objectContaining({
        code: 'EXPERIMENT_DUPLICATE',
        experiment: 'same',
        modules: [here, here],
        message: expect.stringContaining('twice'),
      }),
    )
    expect(ExperimentRegistry.list()).toHaveLength(1)
  })

  it("includes the name of another experiment's batch task", () => {
    ExperimentRegistry.register({ input, output, name: 'simulate' })(f)
    expect(() => ExperimentRegistry.register({ input, output, name: 'simulate_batch' })(f)).toThrow(/batch task/)
    ExperimentRegistry.clear()
    ExperimentRegistry.register({ input, output, name: 'simulate_batch' })(f)
    expect(() => ExperimentRegistry.register({ input, output, name: 'simulate' })(f)).toThrow(/batch task/)
  })
})

describe('the registry', () => {
  it('lists the experiments that it knows if an unknown one is requested', () => {
    ExperimentRegistry.register({ input, output, name: 'known' })(() => ({ energy: 1 }))
    expect(() => ExperimentRegistry.get('other')).toThrow(
      expect.objectContaining({ code: 'EXPERIMENT_UNKNOWN', message: expect.stringContaining('registered: known') }),
    )
    expect(() => ExperimentRegistry.get(function stranger() {})).toThrow(/stranger/)
  })

  it('keeps workflows for the worker', () => {
    const workflow = { name: 'pipeline', definition: {} }
    expect(ExperimentRegistry.include(workflow)).toBe(workflow)
    ExperimentRegistry.include(workflow)
    expect(ExperimentRegistry.workflows()).toEqual([workflow])
    ExperimentRegistry.clear()
    expect(ExperimentRegistry.workflows()).toEqual([])
  })

  it('rejects a workflow with the name of another workflow or experiment', () => {
    const taken = expect.objectContaining({ code: 'EXPERIMENT_INVALID', option: 'name' })
    ExperimentRegistry.include({ name: 'first', definition: {} })
    expect(() => ExperimentRegistry.include({ name: 'first', definition: {} })).toThrow(taken)
    const register = (name: string) =>
      ExperimentRegistry.register({ input: z.object({}), output: z.object({}), name })(() => ({}))
    expect(() => register('first')).toThrow(taken)
    register('second')
    expect(() => ExperimentRegistry.include({ name: 'second', definition: {} })).toThrow(taken)
  })

  it('accepts the workflows and tasks that the Hatchet SDK makes', () => {
    expectTypeOf<WorkflowDeclaration>().toExtend<IncludedWorkflow>()
    expectTypeOf<TaskWorkflowDeclaration>().toExtend<IncludedWorkflow>()
    // @ts-expect-error a function is no workflow
    expectTypeOf<() => void>().toExtend<IncludedWorkflow>()
  })

  it('is shared by two copies of the package', async () => {
    vi.resetModules()
    const copy = await import('../../src/experiment/registry.js')
    expect(copy.ExperimentRegistry).not.toBe(ExperimentRegistry)
    copy.ExperimentRegistry.register({ input, output, name: 'shared' })(() => ({ energy: 1 }))
    expect(ExperimentRegistry.get('shared')).toBe(copy.ExperimentRegistry.get('shared'))
  })
})

describe('register as a decorator', () => {
  it('accepts a static method, whose this is the class', async () => {
    class Building {
      static factor = 10
      @ExperimentRegistry.register({ input, output })
      static async simulateEnergy(spec: z.infer<typeof input>, ctx: ExperimentContext) {
        expectTypeOf(ctx).toEqualTypeOf<ExperimentContext>()
        // biome-ignore lint/complexity/noThisInStatic: what this is about
        return { energy: spec.rValue * Building.factor * this.factor }
      }
    }
    const experiment = ExperimentRegistry.get(Building.simulateEnergy)
    expect(experiment).toMatchObject({ name: 'scythe_experiment_simulate_energy', module: here })
    expect(await experiment.fn({ rValue: 2 }, ctx)).toEqual({ energy: 200 })
    expect(await Building.simulateEnergy({ rValue: 2, count: 1 }, ctx)).toEqual({ energy: 200 })
  })

  it('does not compile on other methods, nor on static methods that do not match the schemas', () => {
    const options = { input, output }
    expect(() => {
      class Instance {
        // @ts-expect-error not static
        @ExperimentRegistry.register(options)
        simulate(_spec: z.infer<typeof input>) {
          return { energy: 1 }
        }
      }
      return Instance
    }).toThrow(/static async simulate/)
    class Misfit {
      // @ts-expect-error energy is a number
      @ExperimentRegistry.register(options)
      static misfit(_spec: z.infer<typeof input>) {
        return { energy: 'a lot' }
      }
    }
    expect(ExperimentRegistry.get(Misfit.misfit).name).toBe('scythe_experiment_misfit')
  })

  const source = `
    class Building {
      static factor = 10
      @ExperimentRegistry.register({ input, output })
      static simulateEnergy(spec) { return { energy: spec.rValue * this.factor } }
    }
    return Building`

  it.each([true, false])('works with experimentalDecorators: %s', (experimentalDecorators) => {
    const { outputText } = ts.transpileModule(source, {
      compilerOptions: { experimentalDecorators, target: ts.ScriptTarget.ES2022 },
    })
    const Building = new Function('ExperimentRegistry', 'input', 'output', outputText)(
      ExperimentRegistry,
      input,
      output,
    )
    const experiment = ExperimentRegistry.get(Building.simulateEnergy)
    expect(experiment.name).toBe('scythe_experiment_simulate_energy')
    expect(experiment.fn({ rValue: 2 }, ctx)).toEqual({ energy: 20 })
    expect(Building.simulateEnergy({ rValue: 3 })).toEqual({ energy: 30 })
  })

  it.each([true, false])(
    'rejects methods that are not static with experimentalDecorators: %s',
    (experimentalDecorators) => {
      const { outputText } = ts.transpileModule(source.replace('static simulateEnergy', 'simulateEnergy'), {
        compilerOptions: { experimentalDecorators, target: ts.ScriptTarget.ES2022 },
      })
      const run = new Function('ExperimentRegistry', 'input', 'output', outputText)
      expect(() => run(ExperimentRegistry, input, output)).toThrow(
        expect.objectContaining({ code: 'EXPERIMENT_INVALID', option: 'method' }),
      )
    },
  )
})
