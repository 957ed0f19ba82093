import { buildS3Server, whyNoS3Server } from '../../tools/s3/build.js'
import { type S3Server, startS3Server } from '../../tools/s3/server.js'
import { canRun } from './left-out.js'

export { type S3Server, startS3Server }

/** Whether suites that need an S3 server can run here, with its program built; notes the suite as left out where they cannot. */
export async function hasS3(suite: string): Promise<boolean> {
  return canRun(suite, await whyNoS3Server(), buildS3Server)
}
