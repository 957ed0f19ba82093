import { readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * Extensions of modules by priority. If modules differ only in their extension, the first one
 * counts: the others were compiled from it.
 */
const EXTENSIONS = ['.ts', '.mts', '.js', '.mjs']

/**
 * Returns the files to import for experiments. A folder stands for its index; without an index, for
 * its modules and the indexes of its subfolders.
 */
export function findModules(places: readonly string[]): string[] {
  return places.flatMap((place) => {
    const path = place.startsWith('file:') ? fileURLToPath(place) : resolve(place)
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() ? modulesIn(path) : [path]
  })
}

function modulesIn(folder: string): string[] {
  const index = indexOf(folder)
  if (index) return [index]
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name)
  const modules = [...new Set(files.flatMap((name) => stemOf(name) ?? []))].map((stem) => fileOf(stem, files)!)
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name))
  return [...modules.map((name) => join(folder, name)), ...folders.flatMap((inner) => indexOf(inner) ?? [])]
}

function indexOf(folder: string): string | undefined {
  const name = fileOf('index', readdirSync(folder))
  return name && join(folder, name)
}

function fileOf(stem: string, files: readonly string[]): string | undefined {
  return EXTENSIONS.map((extension) => stem + extension).find((name) => files.includes(name))
}

/**
 * Returns a module's name without its extension; `undefined` for declarations, tests, and files
 * that are not modules.
 */
function stemOf(name: string): string | undefined {
  const extension = EXTENSIONS.find((extension) => name.endsWith(extension))
  const stem = extension && name.slice(0, -extension.length)
  return stem?.endsWith('.d') || stem?.endsWith('.test') ? undefined : stem
}
