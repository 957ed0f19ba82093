import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type GoTools, goTools, whyNoGoTools } from '../go.js'

const tools: GoTools = { title: 'the S3 server', name: 's3', folder: fileURLToPath(new URL('.', import.meta.url)) }

/** The S3 server that go.mod pins, built once a machine. */
export async function buildS3Server(): Promise<string> {
  return join(await goTools(tools), 'versitygw')
}

/** Why the server cannot be had here, and what would bring it in. `undefined` where it can. */
export async function whyNoS3Server(): Promise<string | undefined> {
  return await whyNoGoTools(tools)
}
