// scripts/run bench local: no-op specs from the array to final/scalars.pq, against Dask's LocalCluster and Ray on no-op tasks; then
// a million of them from an array and from an async generator; then specs of 20 ms of processor time on one slot and on two.
import { python } from '../test/support/python.js'
import { measure } from './support/measure.js'

const SECONDS = 20
const here = (name: string) => new URL(`local/${name}`, import.meta.url).pathname

interface Figures {
  readonly rate: number
  readonly seconds: number
}

async function scythe(kind: string, specs: number, slots: number) {
  const run = await measure<Figures>(process.execPath, [here('scythe.js'), kind, String(specs), String(slots)])
  const mb = Math.round(run.peakBytes / 1e6)
  console.log(
    `scythe, ${specs.toLocaleString('en')} ${kind} specs, ${slots} slots: ${run.figures.seconds.toFixed(2)} s, ` +
      `${Math.round(run.figures.rate).toLocaleString('en')} a second, at most ${mb} MB in all processes`,
  )
  return run.figures.rate
}

async function peer(name: string, script: string) {
  const { figures } = await measure<Figures>(await python('bench'), [here(script), String(SECONDS)])
  console.log(`${name}, no-op tasks for ${SECONDS} s: ${Math.round(figures.rate).toLocaleString('en')} a second`)
  return figures.rate
}

async function bareBurn(times: number) {
  return (await measure<Figures>(process.execPath, [here('burn.js'), String(times)])).figures.rate
}

const percent = (a: number, b: number) => `${((100 * a) / b).toFixed(1)} %`
const ratio = (a: number, b: number) => `${(a / b).toFixed(1)} times`

const dask = await peer('Dask LocalCluster, 2 processes', 'dask_noop.py')
const ray = await peer('Ray, 2 CPUs', 'ray_noop.py')
const small = await scythe('noop', 100_000, 2)
console.log(`  ${ratio(small, dask)} Dask's rate, ${ratio(small, ray)} Ray's`)
const large = await scythe('noop', 1_000_000, 2)
console.log(`  ${ratio(large, dask)} Dask's rate, ${ratio(large, ray)} Ray's`)
await scythe('generator', 1_000_000, 2)
const one = await scythe('burn', 2_000, 1)
const two = await scythe('burn', 4_000, 2)
const bare = await Promise.all([bareBurn(2_000), bareBurn(2_000)])
const both = bare.reduce((sum, rate) => sum + rate, 0)
console.log(`  two slots do ${percent(two, 2 * one)} of twice one slot's rate,`)
console.log(
  `  and ${percent(two, both)} of what two processes do at once that have nothing else to do (${Math.round(both)} a second)`,
)
