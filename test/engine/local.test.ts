import { createLocalEngine } from '../../src/engine/local.js'
import { engineConformance } from './conformance.js'

engineConformance('local', async () => createLocalEngine())
