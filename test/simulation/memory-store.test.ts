import { createMemoryStore } from '../../tools/simulation/memory-store.js'
import { storeConformance } from '../store/conformance.js'

storeConformance('a store in memory', async () => createMemoryStore(), { isShared: false })
