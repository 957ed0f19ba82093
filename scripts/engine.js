// `scripts/run engine`: runs tools/engine/run.ts.
import { register } from 'tsx/esm/api'

register()
await import('../tools/engine/run.ts')
