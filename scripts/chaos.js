// `scripts/run chaos`: runs tools/chaos/main.ts.
import { register } from 'tsx/esm/api'

register()
await import('../tools/chaos/main.ts')
