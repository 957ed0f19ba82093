import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { type GoTools, goTools, whyNoGoTools } from '../go.js'

const tools: GoTools = {
  title: 'the Hatchet engine',
  name: 'engine',
  folder: fileURLToPath(new URL('.', import.meta.url)),
}

/** The folder with hatchet-lite, hatchet-migrate and hatchet-admin as go.mod pins them, built once a machine. */
export async function buildEngine(): Promise<string> {
  const goMod = await readFile(new URL('go.mod', import.meta.url), 'utf8')
  const [, version] = /hatchet-dev\/hatchet (v\S+)/.exec(goMod) ?? []
  // The SDK asks the engine for its version, and does without what older ones cannot do.
  return await goTools({ ...tools, flags: ['-ldflags', `-X main.Version=${version}`] })
}

/** Why the engine cannot be had here, and what would bring it in. `undefined` where it can. */
export async function whyNoEngine(): Promise<string | undefined> {
  return await whyNoGoTools(tools)
}
