import { execFile } from 'node:child_process'
import { cp, mkdir, readdir, stat } from 'node:fs/promises'
import { basename, dirname, join, posix } from 'node:path'
import { promisify } from 'node:util'
import type { Instruction, Stage } from './dockerfile.js'
import { giveTo, type User, unprivilegedEnv } from './user.js'

/** What a Dockerfile makes, as a folder. */
export interface Image {
  /** Stands for `/`. */
  readonly root: string
  readonly workdir: string
  readonly env: Readonly<Record<string, string>>
  readonly user: string
  /** ENTRYPOINT and CMD. */
  readonly command: readonly string[]
  readonly healthcheck: readonly string[]
}

export interface Build {
  /** Where the roots of stages come to lie. */
  readonly folder: string
  readonly context: string
  /** Of the context, relative to it. */
  readonly files: readonly string[]
  /** Whom the steps run as. */
  readonly user: User
  /** Images that a Dockerfile may start from; others are empty. */
  readonly images?: Readonly<Record<string, Image>>
}

type Draft = { -readonly [Field in keyof Image]: Image[Field] } & { entrypoint: readonly string[] }

const run = promisify(execFile)

/**
 * Carries out the steps of a Dockerfile in folders. What it leaves to Docker: base images (their programs are those of this machine),
 * owners of files, and keeping a step within its root; so RUN must not name absolute paths. A stage that another one starts from
 * is gone afterwards.
 */
export async function buildImage(stages: readonly Stage[], build: Build): Promise<Image> {
  const made = new Map<string, Draft>(
    Object.entries(build.images ?? {}).map(([name, image]) => [name, { ...image, entrypoint: [] }]),
  )
  let image: Draft | undefined
  for (const [index, stage] of stages.entries()) {
    image = made.get(stage.base) ?? (await emptyImage(join(build.folder, `stage-${index}`), build.user))
    if (stage.name) made.set(stage.name, image)
    for (const instruction of stage.instructions) await carryOut(instruction, image, made, build)
  }
  if (!image) throw new Error('The Dockerfile has no FROM.')
  return { ...image, command: [...image.entrypoint, ...image.command] }
}

async function emptyImage(root: string, user: User): Promise<Draft> {
  await makeFolder(root, user)
  return { root, workdir: '/', env: {}, user: 'root', entrypoint: [], command: [], healthcheck: [] }
}

async function carryOut(instruction: Instruction, image: Draft, made: Map<string, Draft>, build: Build): Promise<void> {
  const { name, words, text, exec } = instruction
  switch (name) {
    case 'WORKDIR':
      image.workdir = posix.resolve(image.workdir, text)
      return makeFolder(join(image.root, image.workdir), build.user)
    case 'ENV':
      image.env = { ...image.env, ...Object.fromEntries(words.map((word) => assignment(word, image))) }
      return
    case 'COPY':
      return copy(instruction, image, made, build)
    case 'RUN':
      if (exec || /(^|\s)\//.test(text)) throw new Error(`This test carries out no RUN with absolute paths: ${text}`)
      await runIn(image, build.user, ['sh', '-c', text])
      return
    case 'USER':
      image.user = text
      return
    case 'HEALTHCHECK':
      image.healthcheck = JSON.parse(text.replace(/^CMD\s+/, ''))
      return
    case 'ENTRYPOINT':
    case 'CMD':
      if (!exec) throw new Error(`A shell would stand between signals and the program: ${name} ${text}`)
      image[name === 'CMD' ? 'command' : 'entrypoint'] = words
      return
    case 'EXPOSE':
      return
    default:
      throw new Error(`This test does not know ${name}.`)
  }
}

/** Runs a program in an image to its end. */
export async function runIn(image: Image, user: User, [program = '', ...args]: readonly string[], env = {}) {
  const options = { ...user.ids, cwd: join(image.root, image.workdir), env: environmentOf(image, user, env) }
  return await run(program, args, { ...options, maxBuffer: 2 ** 26 })
}

/** What a program of an image finds in its environment. */
export function environmentOf(image: Image, user: User, env: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const outside = unprivilegedEnv(user)
  const PATH = (image.env.PATH ?? '$PATH')
    .split(':')
    .map((entry) => (entry === '$PATH' ? outside.PATH : join(image.root, entry)))
    .join(':')
  return { ...outside, ...image.env, PATH, ...env }
}

function assignment(word: string, image: Draft): [string, string] {
  const [, name = '', value = ''] = /^(\w+)=(.*)$/.exec(word) ?? []
  return [name, value.replace('$PATH', image.env.PATH ?? '$PATH')]
}

/** As Docker does: of a folder, its content; a target that ends in a slash, or that takes several, is a folder. */
async function copy(
  { words, flags }: Instruction,
  image: Draft,
  made: Map<string, Draft>,
  build: Build,
): Promise<void> {
  const sources = words.slice(0, -1)
  const target = words.at(-1)!
  const to = join(image.root, posix.resolve(image.workdir, target))
  const intoFolder = sources.length > 1 || /(^|\/)\.?$/.test(target)
  const stage = flags.from === undefined ? undefined : made.get(flags.from)
  if (flags.from !== undefined && !stage) throw new Error(`There is no stage ${flags.from}.`)
  for (const source of sources) {
    if (stage) await copyTree(join(stage.root, source), to, intoFolder)
    else await copyFromContext(source, to, intoFolder, build)
  }
  await giveTo(build.user, to)
}

async function copyTree(from: string, to: string, intoFolder: boolean): Promise<void> {
  const folder = (await stat(from)).isDirectory()
  await cp(from, intoFolder && !folder ? join(to, basename(from)) : to, { recursive: true, verbatimSymlinks: true })
}

async function copyFromContext(source: string, to: string, intoFolder: boolean, build: Build): Promise<void> {
  const name = posix.normalize(source).replace(/\/$/, '')
  const files = build.files.filter((file) => name === '.' || file === name || file.startsWith(`${name}/`))
  if (files.length === 0) throw new Error(`COPY ${source}: .dockerignore leaves it out, or it is not there.`)
  for (const file of files) {
    const within =
      file === name ? (intoFolder ? basename(file) : '') : name === '.' ? file : file.slice(name.length + 1)
    await mkdir(dirname(join(to, within)), { recursive: true })
    await cp(join(build.context, file), join(to, within))
  }
}

async function makeFolder(folder: string, user: User): Promise<void> {
  await mkdir(folder, { recursive: true })
  await giveTo(user, folder)
}

/** The names at a place of an image, in order. */
export async function namesIn(image: Image, path: string): Promise<string[]> {
  return (await readdir(join(image.root, image.workdir, path))).sort()
}
