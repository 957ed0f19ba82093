import type { Experiment } from './experiment.js'
import { type JsonSchema, jsonSchema } from './io-spec.js'
import { titleOf } from './names.js'

/** What a form asks for to run one spec: the user's own fields. Others may be sent beside them. */
export function formSchema({ name, description, input }: Experiment): JsonSchema {
  const about = { title: titleOf(name), ...(description !== undefined && { description }) }
  return { ...about, ...jsonSchema(input), additionalProperties: true }
}
