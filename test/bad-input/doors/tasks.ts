import { decodeTask, encodeTask } from '../../../src/engine/hatchet/wire.js'
import { readPythonFanInput } from '../../../src/python/fan/input.js'
import { checkPlace } from '../../../src/scatter/task-check.js'
import { ALLOCATION, PLAN, RUN } from '../../../tools/fuzz/doors/run-files.js'
import type { Door } from '../door.js'

interface Given {
  readonly message?: unknown
  /** Fields that are others than they should be. */
  readonly fields?: object
  readonly isPython?: boolean
  readonly hasNoPlan?: boolean
}
const fields = (fields: object, more: object = {}): Given => ({ fields, ...more })

/** A leaf unless `kind` says otherwise. */
export const tasksDoor: Door<Given> = {
  title: 'Messages to a worker',
  code: 'TASK_INVALID',
  take({ message, fields = {}, isPython, hasNoPlan }) {
    if (isPython) return readPythonFanInput(message)
    const common = { store: 's3://bucket/prefix', run: RUN, experiment: 'fuzzed', labels: {} }
    const good = encodeTask({ ...common, kind: 'leaf', start: 4, end: 14, depth: 1 }, 'root')
    const given = message === undefined ? { ...good, ...fields } : message
    const task = decodeTask(given, 'kind' in fields ? (fields.kind as 'fan') : 'leaf')
    checkPlace(task, ALLOCATION, hasNoPlan ? undefined : PLAN)
  },
  cases: [
    {
      what: 'nothing',
      given: { message: null },
      exit: 1,
      says: 'Expected the input of a task to be an object, got null.',
    },
    {
      what: 'a text',
      given: { message: 'run it' },
      exit: 1,
      says: 'Expected the input of a task to be an object, got "run it".',
    },
    {
      what: 'an empty object',
      given: { message: {} },
      exit: 1,
      says: 'Expected kind of a task to be fan or leaf, got nothing.',
    },
    {
      what: 'a kind that does not exist',
      given: fields({ kind: 'root' }),
      exit: 1,
      says: 'Expected kind of a task to be fan or leaf, got "root".',
    },
    {
      what: 'a store that is a path',
      given: fields({ store: '/etc' }),
      exit: 1,
      says: 'Expected store of a task to be a store\'s address: s3://bucket/prefix or file:///folder, got "/etc".',
    },
    {
      what: 'a store on the web',
      given: fields({ store: 'https://host/x' }),
      exit: 1,
      says: 'Expected store of a task to be a store\'s address: s3://bucket/prefix or file:///folder, got "https://host/x".',
    },
    {
      what: 'a run that leaves the store',
      given: fields({ run: '../../x' }),
      exit: 1,
      says: 'Expected run of a task to be a run\'s key: names joined by single slashes, got "../../x".',
    },
    {
      what: 'a run that is too long',
      given: fields({ run: 'x'.repeat(3000) }),
      exit: 1,
      says: 'Expected run of a task to be a run\'s key, got "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx....',
    },
    {
      what: 'a row below zero',
      given: fields({ start: -1 }),
      exit: 1,
      says: 'Expected start of a task to be a whole number from 0 to 9007199254740991, got -1.',
    },
    {
      what: 'half a row',
      given: fields({ end: 4.5 }),
      exit: 1,
      says: 'Expected end of a task to be a whole number from 0 to 9007199254740991, got 4.5.',
    },
    {
      what: 'an end before its start',
      given: fields({ start: 14, end: 4 }),
      exit: 1,
      says: 'Expected end of a task to be a row after start, 14, got 4.',
    },
    {
      what: 'a depth that no plan has',
      given: fields({ depth: 99 }),
      exit: 1,
      says: 'Expected depth of a task to be a whole number from 0 to 16, got 99.',
    },
    {
      what: 'labels that are a list',
      given: fields({ labels: ['gpu'] }),
      exit: 1,
      says: 'Expected labels of a task to be labels by their names, got ["gpu"].',
    },
    {
      what: 'a label without a value',
      given: fields({ labels: { gpu: {} } }),
      exit: 1,
      says: 'Expected labels.gpu.value of a task to be a label such as { value: "yes", required: true }, got nothing.',
    },
    {
      what: 'no root',
      given: fields({ root: undefined }),
      exit: 1,
      says: "Expected root of a task to be the id of the run's root task, or null, got nothing.",
    },
    {
      what: 'another experiment than the run has',
      given: fields({ experiment: 'walls' }),
      exit: 1,
      says: 'Expected experiment of a task to be that of the run, fuzzed, got "walls".',
    },
    {
      what: 'rows that the run has not',
      given: fields({ start: 94, end: 104 }),
      exit: 1,
      says: 'Expected end of a task to be at most 100, the specs of the run, got 104.',
    },
    {
      what: 'rows that are not a batch',
      given: fields({ start: 5, end: 14 }),
      exit: 1,
      says: 'Expected end of a task to be that of a batch of the run at 5, got 14.',
    },
    {
      what: 'a large batch before there is a plan',
      given: { ...fields({ start: 0, end: 100 }), hasNoPlan: false },
      exit: 1,
      says: 'Expected end of a task to be that of a batch of the run at 0, got 100.',
    },
    {
      what: 'a fan of depth 0 that is not the whole run',
      given: fields({ kind: 'fan', depth: 0, start: 4, end: 100 }),
      exit: 1,
      says: 'Expected start of a task to be 0: a fan of depth 0 is the whole run, got 4.',
    },
    {
      what: 'a fan before there is a plan',
      given: { ...fields({ kind: 'fan', depth: 1, start: 4, end: 64 }), hasNoPlan: true },
      exit: 1,
      says: 'Expected depth of a task to be 0, because the run has no plan yet, got 1.',
    },
    {
      what: 'a fan that cuts a batch',
      given: fields({ kind: 'fan', depth: 1, start: 4, end: 63 }),
      exit: 1,
      says: 'Expected end of a task to be such that 4 to 63 are whole batches of the run, got 63.',
    },
    {
      what: 'a fan of Python without an experiment',
      given: { isPython: true, message: {} },
      exit: 1,
      says: 'Expected experiment_id of a task to be a text, got nothing.',
    },
    {
      what: 'a fan of Python whose specs are a path',
      given: { isPython: true, message: { experiment_id: 'a', task_name: 't', specs_uri: '/etc/passwd' } },
      exit: 1,
      says: 'Expected specs_uri of a task to be the address of an object, as s3://bucket/key, got "/etc/passwd".',
    },
  ],
}
