// `scripts/run fuzz`: runs tools/fuzz/main.ts.
import { register } from 'tsx/esm/api'

register()
await import('../tools/fuzz/main.ts')
