import { text } from 'node:stream/consumers'
import { openStore } from '../../src/store/open.js'
import type { Store } from '../../src/store/store.js'

const [task, address = '', ...args] = process.argv.slice(2)
const store = openStore(address)
if (task === 'race') await race(store, args)
if (task === 'hang') await hang(store)
if (task === 'overwrite') await overwrite(store)

/** Writes keys where nothing is, once the standard input ends. */
async function race(store: Store, [name = '', ...keys]: string[]): Promise<void> {
  await store.head('warm-up')
  console.log('ready')
  await text(process.stdin)
  const wrote = await Promise.all(keys.map((key) => store.putIfAbsent(key, name)))
  console.log(JSON.stringify(keys.filter((_, i) => wrote[i])))
  await store.close()
}

/** Stops in the middle of an object, for good. */
async function hang(store: Store): Promise<void> {
  async function* pieces() {
    yield Buffer.alloc(3 * 1024 * 1024)
    console.log('half')
    setInterval(() => {}, 1000)
    await new Promise(() => {})
  }
  await store.compose('runs/half', pieces())
}

/** Writes one object again and again, each time of one repeated byte. */
async function overwrite(store: Store): Promise<void> {
  for (let i = 0; ; i++) {
    await store.put('runs/same', Buffer.alloc(1024 * 1024, i % 250))
    console.log(i)
  }
}
