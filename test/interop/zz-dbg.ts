import { readFileSync } from 'node:fs'
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { writeFileSync } from 'node:fs'
import { createHatchetEngine } from '/work/main/src/engine/hatchet.js'
import { createPool } from '/work/main/src/execute/processes.js'
import { ExperimentRegistry } from '/work/main/src/experiment/registry.js'
import { createHandlers } from '/work/main/src/scatter/handlers.js'
import { startS3Server } from '/work/main/tools/s3/server.js'
import { python } from '/work/main/tools/python/environment.js'
import { sharedProfile } from '/work/main/test/interop/fixtures/serving/profiles.js'
import { startHatchet } from '/work/main/tools/engine/hatchet.js'
const hatchet = await startHatchet()
const s3 = await startS3Server()
Object.assign(process.env, s3.env)
const engine = createHatchetEngine({ connection: hatchet })
const slots = Number(process.argv[2] ?? 1), specs = Number(process.argv[3] ?? 40)
const pool = createPool({ slots, worker: 'pf' })
const h = createHandlers(pool)
let t: number[] = [], starts: number[] = []
const serving = await engine.serve({ ...h, single: async (...a) => { const s = performance.now(); starts.push(s); const r = await h.single(...a); t.push(performance.now() - s); return r } }, { name: 'pf-'+process.pid, labels: {}, experiments: [ExperimentRegistry.get(sharedProfile)], slots, durableSlots: 4 })
writeFileSync('/tmp/pf/source.txt', '0.25')
const client = spawn(await python('interop'), ['/work/main/test/interop/fixtures/serving/client.py'], { env: { ...process.env, ...hatchet.env, ...s3.env, AWS_DEFAULT_REGION: 'us-east-1', SCYTHE_STORAGE_BUCKET: s3.bucket }, stdio: ['pipe','pipe','ignore'] })
const lines = createInterface({ input: client.stdout! })[Symbol.asyncIterator]()
for (let k = 0; k < 2; k++) {
t = []; starts = []
const s = performance.now()
client.stdin!.write(JSON.stringify({ name: 'pf'+process.pid, specs, recursion: null, nulls: true, joined: false, fails: [], source: '/tmp/pf/source.txt' })+'\n')
let v; do { v = (await lines.next()).value } while (v && !v.startsWith('=>'))
console.log((performance.now() - s).toFixed(0), 'ms all;', v?.slice(0,200))
const avg = (x: number[]) => x.reduce((a,b)=>a+b,0)/x.length
console.log('single avg', avg(t).toFixed(0), 'gap avg', avg(starts.slice(1).map((x,i)=>x-starts[i])).toFixed(0), 'first', (starts[0]-s).toFixed(0), 'last', (starts.at(-1)!-s).toFixed(0))
}
client.kill()
await serving.close({ drain: 0 }); await engine.close(); await pool.close(); await s3.stop()
await hatchet.stop(); process.exit(0)
