/** `scripts/run hostile`: all deeds, each between healthy specs, in batches of 1, 8 and 1,000. */
import { parseArgs } from 'node:util'
import { deeds, groups } from './deeds.js'
import { runTrial, undisturbed } from './trial.js'

const HELP = `Usage: scripts/run hostile [options]

Runs specs that throw, return, leave behind or do to their process what harms others, each between healthy ones. Each is to be one
row, the same in all sizes of batches, and the healthy ones are to be what they are undisturbed.

  --batch <n,n,…>   sizes of batches (1,8,1000)
  --deed <text>     only deeds whose name has this in it
  --group <name>    only deeds of this group: ${Object.keys(groups).join(', ')}
  --slots <n>       processes (2)
  --together <n>    deeds of one run: fewer tell sooner which of them it was (1000)
  --limit <s>       seconds that one run may take (900)

Ends with 0 only if all is right, and with 2 if it was called wrongly.`

const { values } = parseArgs({
  options: {
    batch: { type: 'string', default: '1,8,1000' },
    deed: { type: 'string', default: '' },
    group: { type: 'string', default: '' },
    slots: { type: 'string', default: '2' },
    /** Deeds of one run: fewer tell sooner which of them it was. */
    together: { type: 'string', default: '1000' },
    limit: { type: 'string', default: '900' },
    help: { type: 'boolean', default: false },
  },
})
if (values.help) {
  console.log(HELP)
  process.exit()
}
const names = Object.entries(groups).flatMap(([group, deeds]) =>
  Object.keys(deeds).filter((name) => (values.group === '' || group === values.group) && name.includes(values.deed)),
)
if (names.length === 0) {
  console.error(`No deed is of that name. Groups: ${Object.keys(groups).join(', ')}. A deed: ${Object.keys(deeds)[0]}.`)
  process.exit(2)
}
const batches = values.batch.split(',').map(Number)
const limitMs = Number(values.limit) * 1000
const started = Date.now()
const seen = new Map<string, Map<string, number>>()
let failed = 0

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))
console.log(`${names.length} hostile specs, each between healthy ones, in batches of ${batches.join(', ')}`)
const healthy = await undisturbed(names.length)
const together = Number(values.together)
const rounds = Array.from({ length: Math.ceil(names.length / together) }, (_, i) =>
  names.slice(i * together, (i + 1) * together),
)
for (const batch of batches) {
  for (const round of rounds) {
    const at = Date.now()
    const { wrong, outcomes } = await runTrial({ deeds: round, batch, slots: Number(values.slots), limitMs }, healthy)
    for (const [deed, outcome] of outcomes) seen.set(deed, (seen.get(deed) ?? new Map()).set(limitOf(outcome), batch))
    const what = round.length === 1 ? `"${round[0]}"` : `${round.length} deeds from "${round[0]}"`
    console.log(`${wrong.length === 0 ? 'ok    ' : 'FAILED'}  batches of ${batch}: ${what} (${seconds(at)})`)
    for (const line of wrong) console.log(`        ${line}`)
    failed += wrong.length
  }
}
for (const [deed, outcomes] of seen) {
  if (outcomes.size < 2) continue
  failed += 1
  console.log(
    `FAILED  "${deed}" differs: ${[...outcomes].map(([outcome, batch]) => `${outcome} in batches of ${batch}`).join(', ')}`,
  )
}
console.log(`${failed === 0 ? 'All is right' : `${failed} things are wrong`} (${seconds(started)})`)
process.exitCode = failed === 0 ? 0 : 1

/** A busy machine may meet the limit of time first, where an idle one meets that of memory. */
function limitOf(outcome: string): string {
  return outcome === 'SPEC_OUT_OF_MEMORY' || outcome === 'SPEC_TIMED_OUT' ? 'a limit' : outcome
}

function seconds(since: number): string {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`
}
