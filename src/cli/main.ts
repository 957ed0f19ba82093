#!/usr/bin/env node
import { runCommandLine } from './command-line.js'
import { scytheCommands } from './commands.js'

await runCommandLine(scytheCommands(), process.argv.slice(2))
