// `scripts/run simulate`: runs tools/simulation/run.ts.
import { register } from 'tsx/esm/api'

register()
await import('../tools/simulation/run.ts')
