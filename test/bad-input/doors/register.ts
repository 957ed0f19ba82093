import { z } from 'zod'
import { compileExperiment } from '../../../src/experiment/compile.js'
import { fileReference } from '../../../src/experiment/file-reference.js'
import { remoteExperiment } from '../../../src/experiment/remote.js'
import type { Door } from '../door.js'

const input = z.object({ n: z.int() })
const output = z.object({ y: z.number() })
const withInput = (shape: object) => ({ input: z.object(shape as never), output })
const withOutput = (shape: object) => ({ input, output: z.object(shape as never) })
const option = (more: object) => ({ input, output, ...more })
const long = 'x'.repeat(201)

/** Options of `register`. */
export const registerDoor: Door<object> = {
  title: '`register`',
  code: 'EXPERIMENT_INVALID',
  take(given) {
    if ('remote' in given) return remoteExperiment(given.remote as never)
    const fn = 'anonymous' in given ? (() => async () => ({}))() : async function walls() {}
    const { anonymous: _, ...options } = given as { anonymous?: boolean }
    return compileExperiment(options as never, fn as never, 'file:///walls.js')
  },
  cases: [
    {
      what: 'a function without a name',
      given: option({ anonymous: true }),
      says: 'Experiment without a name: the function has no name: write "async function simulateEnergy(…)", or set the option name.',
    },
    {
      what: 'a name with a space',
      given: option({ name: 'my walls' }),
      says: 'Experiment my walls: expected name to be letters, digits, "_", "-" and "." only, at most 200 of them, got "my walls".',
    },
    {
      what: 'a name that leaves its folder',
      given: option({ name: '../walls' }),
      says: 'Experiment ../walls: expected name to be letters, digits, "_", "-" and "." only, at most 200 of them, got "../walls".',
    },
    {
      what: 'a name that is too long',
      given: option({ name: long }),
      says: 'Experiment xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx: expected name to be letters, digits, "_", "-" and "." only, at most 200 of them, got "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx....',
    },
    {
      what: 'the name of a task of ours',
      given: option({ name: 'scythe_fan' }),
      says: 'Experiment scythe_fan: the name is that of a task of Scythe: set another one.',
    },
    {
      what: 'the name __proto__',
      given: option({ name: '__proto__' }),
      says: 'Experiment __proto__: expected name to be letters, digits, "_", "-" and "." only, at most 200 of them, got "__proto__".',
    },
    {
      what: 'a misspelt option',
      given: option({ retires: 3 }),
      says: 'Experiment scythe_experiment_walls: there is no option retires. Did you mean retries?',
    },
    {
      what: 'an option that nothing is like',
      given: option({ colour: 'red' }),
      says: 'Experiment scythe_experiment_walls: there is no option colour. The options are input, output, tables, name, description, executionTimeout, scheduleTimeout, retries, backoff, desiredWorkerLabels, memory, isolation, batch, undeclaredFields, outputFolders.',
    },
    {
      what: 'no input',
      given: { output },
      says: 'Experiment scythe_experiment_walls: expected input to be a zod object such as z.object({ rValue: z.number() }), got undefined.',
    },
    {
      what: 'an input that is not a schema',
      given: { input: { n: 'int' }, output },
      says: 'Experiment scythe_experiment_walls: expected input to be a zod object such as z.object({ rValue: z.number() }), got {"n":"int"}.',
    },
    {
      what: 'an input that is a schema of texts',
      given: { input: z.string(), output },
      says: 'Experiment scythe_experiment_walls: expected input to be a zod object, got the schema of "string": wrap it in z.object({ … }).',
    },
    {
      what: 'an output with a transform',
      given: { input, output: output.transform((value) => value) },
      says: 'Experiment scythe_experiment_walls: expected output to be a zod object, got the schema of a transform: wrap it in z.object({ … }).',
    },
    {
      what: 'a schema of zod 3',
      given: { input: { _def: { typeName: 'ZodObject' } }, output },
      says: 'Experiment scythe_experiment_walls: input is a zod 3 schema: import z from zod 4, or from "zod/v4".',
    },
    {
      what: 'a table that is not a schema',
      given: option({ tables: { hours: [] } }),
      says: 'Experiment scythe_experiment_walls: expected tables.hours to be a zod object such as z.object({ rValue: z.number() }), got [].',
    },
    {
      what: 'fewer retries than none',
      given: option({ retries: -1 }),
      says: 'Experiment scythe_experiment_walls: expected retries to be a whole number of 0 or more, got -1.',
    },
    {
      what: 'retries in words',
      given: option({ retries: 'often' }),
      says: 'Experiment scythe_experiment_walls: expected retries to be a whole number of 0 or more, got "often".',
    },
    {
      what: 'a batch of none',
      given: option({ batch: 0 }),
      says: 'Experiment scythe_experiment_walls: expected batch to be a whole number of 1 or more, got 0.',
    },
    {
      what: 'a time limit without a unit',
      given: option({ executionTimeout: '30' }),
      says: 'Experiment scythe_experiment_walls: expected executionTimeout to be a time such as "90s", "30m" or "1h30m", or ms, up to 24 days, got "30".',
    },
    {
      what: 'a time limit that no timer can count',
      given: option({ executionTimeout: '30d' }),
      says: 'Experiment scythe_experiment_walls: expected executionTimeout to be a time such as "90s", "30m" or "1h30m", or ms, up to 24 days, got "30d".',
    },
    {
      what: 'a time to wait of nothing',
      given: option({ scheduleTimeout: 0 }),
      says: 'Experiment scythe_experiment_walls: expected scheduleTimeout to be a time such as "90s", "30m" or "1h30m", or ms, up to 24 days, got 0.',
    },
    {
      what: 'memory in words',
      given: option({ memory: 'plenty' }),
      says: 'Experiment scythe_experiment_walls: expected memory to be a size such as "512MB" or "2GB", or bytes, got "plenty".',
    },
    {
      what: 'an isolation that does not exist',
      given: option({ isolation: 'machine' }),
      says: 'Experiment scythe_experiment_walls: expected isolation to be "slot" or "spec", got "machine".',
    },
    {
      what: 'a backoff that grows shorter',
      given: option({ backoff: { factor: 0.5 } }),
      says: 'Experiment scythe_experiment_walls: expected backoff.factor to be a number of 1 or more, got 0.5.',
    },
    {
      what: 'a backoff that is a number',
      given: option({ backoff: 3 }),
      says: 'Experiment scythe_experiment_walls: expected backoff to be an object such as { seconds: 1, factor: 2 }, got 3.',
    },
    {
      what: 'a label without a value',
      given: option({ desiredWorkerLabels: { gpu: true } }),
      says: 'Experiment scythe_experiment_walls: expected desiredWorkerLabels.gpu to be a label such as { value: "yes", required: true }, got true.',
    },
    {
      what: 'a description that is a number',
      given: option({ description: 7 }),
      says: 'Experiment scythe_experiment_walls: expected description to be a text, got 7.',
    },
    {
      what: 'undeclared fields that are to be kept',
      given: option({ undeclaredFields: 'keep' }),
      says: 'Experiment scythe_experiment_walls: expected undeclaredFields to be "warn" or "refuse", got "keep".',
    },
    {
      what: 'a folder that is not a list',
      given: option({ outputFolders: '/data' }),
      says: 'Experiment scythe_experiment_walls: expected outputFolders to be a list of folders, such as ["/data/results"], got "/data".',
    },
    {
      what: 'a field that we use ourselves',
      given: withInput({ sort_index: z.int() }),
      says: 'Experiment scythe_experiment_walls: the field "sort_index" of input has a name that Scythe uses itself: rename it.',
    },
    {
      what: 'a field of errors in the output',
      given: withOutput({ error_code: z.string() }),
      says: 'Experiment scythe_experiment_walls: the field "error_code" of output has a name that Scythe uses itself: rename it.',
    },
    {
      what: 'a field of the output that is one of the input',
      given: withOutput({ n: z.int() }),
      says: 'Experiment scythe_experiment_walls: the field "n" of output is a field of the input too, which is a column of every table: rename one of them.',
    },
    {
      what: 'a field without a name',
      given: withInput({ '': z.int() }),
      says: 'Experiment scythe_experiment_walls: the field "" of input is expected to be named otherwise, because JavaScript or Parquet cannot have such a field: rename it.',
    },
    {
      what: 'a field with a line end',
      given: withInput({ 'a\nb': z.int() }),
      says: 'Experiment scythe_experiment_walls: the field "a\\nb" of input is expected to be named without control characters: rename it.',
    },
    {
      what: 'a field with a space at its end',
      given: withInput({ 'a ': z.int() }),
      says: 'Experiment scythe_experiment_walls: the field "a " of input is expected to be named without spaces at its ends, which tables in CSV lose: rename it.',
    },
    {
      what: 'a field with half of a surrogate pair',
      given: withInput({ '\ud83d': z.int() }),
      says: 'Experiment scythe_experiment_walls: the field "\\ud83d" of input is expected to be named in well-formed text, without halves of surrogate pairs: rename it.',
    },
    {
      what: 'a field that is too long',
      given: withInput({ [long]: z.int() }),
      says: 'Experiment scythe_experiment_walls: the field "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx... of input is expected to be named in at most 200 bytes: rename it.',
    },
    {
      what: 'a file field that cannot name a folder',
      given: withInput({ 'a/b': fileReference() }),
      says: 'Experiment scythe_experiment_walls: the field "a/b" of input is expected to be named as a folder can be, as its files are kept in one: without / and \\: rename it.',
    },
    {
      what: 'a file within a list',
      given: withInput({ files: z.array(fileReference()) }),
      says: 'Experiment scythe_experiment_walls: the field "files[]" of input is a fileReference(), which must be a field of the input or the output itself: move it there.',
    },
    {
      what: 'a file in a table',
      given: option({ tables: { hours: z.object({ plot: fileReference() }) } }),
      says: 'Experiment scythe_experiment_walls: the field "plot" of tables.hours is a fileReference(), which must be a field of the input or the output itself: move it there.',
    },
    {
      what: 'a table with a space',
      given: option({ tables: { 'my hours': z.object({ x: z.number() }) } }),
      says: 'Experiment scythe_experiment_walls: expected the name of a table to be letters, digits, "_" and "-" only, at most 200 of them, as it names a file, got "my hours".',
    },
    {
      what: 'a table that we have ourselves',
      given: option({ tables: { errors: z.object({ x: z.number() }) } }),
      says: 'Experiment scythe_experiment_walls: the table "errors" has a name that Scythe uses itself: rename it.',
    },
    {
      what: 'a set',
      given: withInput({ s: z.set(z.string()) }),
      says: 'Experiment scythe_experiment_walls: the field "s" of input is of the kind "set" and cannot become a column: use z.array().',
    },
    {
      what: 'a map deep in a field',
      given: withInput({ wall: z.object({ parts: z.map(z.string(), z.string()) }) }),
      says: 'Experiment scythe_experiment_walls: the field "wall.parts" of input is of the kind "map" and cannot become a column: use z.record() or a list of pairs.',
    },
    {
      what: 'a custom type',
      given: withInput({ c: z.custom(() => true) }),
      says: 'Experiment scythe_experiment_walls: the field "c" of input is of the kind "custom" and cannot become a column: say what type it has with .pipe(z.string()), or whatever it is.',
    },
    {
      what: 'a transform that says not what it becomes',
      given: withInput({ t: z.string().transform(Number) }),
      says: 'Experiment scythe_experiment_walls: the field "t" of input is of the kind "transform" and cannot become a column: say what type it becomes with .transform(f).pipe(z.number()), or whatever it is.',
    },
    {
      what: 'an unsigned integer of 64 bits',
      given: withInput({ u: z.uint64() }),
      says: 'Experiment scythe_experiment_walls: the field "u" of input is unsigned, and columns hold signed 64-bit integers: use z.int64().',
    },
    {
      what: 'a bigint in JSON',
      given: withInput({ j: z.record(z.string(), z.bigint()) }),
      says: 'Experiment scythe_experiment_walls: the field "j{}" of input is a bigint in a column of JSON, which cannot keep it: use a string, or a field of its own.',
    },
    {
      what: 'a Date in JSON',
      given: withInput({ j: z.union([z.date(), z.array(z.string())]) }),
      says: 'Experiment scythe_experiment_walls: the field "j" of input is a Date in a column of JSON, which cannot keep it: use z.iso.datetime(), or a field of its own.',
    },
    {
      what: 'a remote experiment without a name',
      given: { remote: { input, output } },
      says: 'Experiment (without a name): expected name to be that of a task on the engine, got nothing.',
    },
    {
      what: 'a remote experiment with retries',
      given: { remote: { name: 'walls', input, output, retries: 1 } },
      says: 'Experiment walls: a remote experiment has no option retries: its options are name, input, output, tables, description, desiredWorkerLabels, batch. Those who serve it set the rest.',
    },
    {
      what: 'a remote experiment with a transform',
      given: {
        remote: { name: 'walls', input, output: z.object({ y: z.string().transform(Number).pipe(z.number()) }) },
      },
      says: 'Experiment walls: output has a transform, which only those who serve it could do.',
    },
  ],
}
