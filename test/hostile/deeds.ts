import type { Deeds } from './deed.js'
import { lateDeeds } from './deeds/late.js'
import { processDeeds } from './deeds/process.js'
import { resourcesDeeds } from './deeds/resources.js'
import { returnsDeeds } from './deeds/returns.js'
import { sharedDeeds } from './deeds/shared.js'
import { throwsDeeds } from './deeds/throws.js'

export const groups: Readonly<Record<string, Deeds>> = {
  throws: throwsDeeds,
  returns: returnsDeeds,
  late: lateDeeds,
  process: processDeeds,
  shared: sharedDeeds,
  resources: resourcesDeeds,
}

/** Every deed by its name. */
export const deeds: Deeds = Object.assign({}, ...Object.values(groups))
