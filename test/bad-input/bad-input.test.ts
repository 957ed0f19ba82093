import { describe, expect, it } from 'vitest'
import { DOORS } from './doors.js'
import { tryCase } from './run-case.js'

for (const door of DOORS) {
  describe(`${door.title}: what is wrong is refused in these words`, () => {
    for (const one of door.cases) {
      it(one.what, async () => {
        const { says, code = door.code, exit = 2 } = one
        expect(await tryCase(door, one)).toEqual({ code, exit, says, left: [] })
      })
    }
  })
}
