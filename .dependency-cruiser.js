// Imports run one way. `scripts/run check` fails where one does not.

/** From the top of the house down: a folder imports only from folders of later lines. */
const house = [
  'cli',
  'worker',
  'run',
  'python',
  'engine',
  'scatter',
  'execute',
  'experiment',
  'table|store',
  'settings',
  'async',
]
const lazilyLoaded = {
  hatchet: 'node_modules/@hatchet-dev/',
  aws: 'node_modules/@(aws-sdk|smithy)/',
  xlsx: 'node_modules/@e965/',
}

const oneWay = house.slice(1).map((floor, above) => ({
  name: `${floor} is below ${house[above]}`,
  severity: 'error',
  from: { path: `^src/(${floor})/` },
  to: { path: `^src/(${house.slice(0, above + 1).join('|')})/` },
}))

export default {
  forbidden: [
    ...oneWay,
    {
      name: 'table and store are neighbours',
      severity: 'error',
      from: { path: '^src/(table|store)/' },
      to: { path: '^src/(table|store)/', pathNot: '^src/$1/' },
    },
    {
      name: 'a pool and its children talk by protocol',
      comment: 'execute/protocol.ts and execute/status-file.ts are what both sides know.',
      severity: 'error',
      from: { path: '^src/execute/(pool|child)/' },
      to: { path: '^src/execute/(pool|child)/', pathNot: '^src/execute/$1/' },
    },
    {
      name: 'scatter knows executors by their port',
      severity: 'error',
      from: { path: '^src/scatter/' },
      to: { path: '^src/execute/(pool|child|protocol|status-file)' },
    },
    {
      name: 'the client side of Hatchet does not know the worker side',
      severity: 'error',
      from: { path: '^src/engine/hatchet/client/' },
      to: { path: '^src/engine/hatchet/worker/' },
    },
    {
      name: 'errors.ts, error-codes.ts and own.ts are the ground',
      severity: 'error',
      from: { path: '^src/(error-codes|errors|own)\\.ts$' },
      to: { path: '^src/', pathNot: '^src/error-codes\\.ts$' },
    },
    {
      name: 'index.ts, error-classes.ts, is-scythe-error.ts and main.ts are the roof',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(index|is-scythe-error|main)\\.ts$' },
      to: { path: '^src/(index|error-classes|is-scythe-error|main)\\.ts$' },
    },
    {
      name: 'every folder has its floor',
      comment: 'A new folder under src has to be put in its place in .dependency-cruiser.js.',
      severity: 'error',
      from: {},
      to: {
        path: '^src/',
        pathNot: `^src/((${house.join('|')})/|(error-classes|error-codes|errors|own|index|is-scythe-error|main)\\.ts$)`,
      },
    },
    {
      name: 'src stands alone',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|bench|experiments|tools|scripts|dist)/' },
    },
    {
      name: 'no cycles',
      comment: 'Types of one folder may name each other.',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'imports are found',
      severity: 'error',
      from: { path: '^src/' },
      to: { couldNotResolve: true },
    },
    {
      name: 'packages come with ours',
      comment: 'What src imports is a dependency in package.json, not a devDependency alone.',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['npm-peer'] },
    },
    {
      name: 'what reads workbooks is optional',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli/specs/workbook\\.ts$' },
      to: { path: lazilyLoaded.xlsx, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'Hatchet is loaded by engine',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/engine/' },
      to: { path: lazilyLoaded.hatchet, dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'internals of the Hatchet SDK are imported by internals.ts',
      comment: 'engine/embedded.ts alone loads the embedded engine, which is a module of its own.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/engine/(hatchet/internals|embedded)\\.ts$' },
      to: { path: '^node_modules/@hatchet-dev/typescript-sdk/(?!index\\.)' },
    },
    {
      name: 'the AWS SDK is loaded by store/s3',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/store/s3[^/]*\\.ts$' },
      to: { path: lazilyLoaded.aws, dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
    skipAnalysisNotInRules: true,
  },
}
