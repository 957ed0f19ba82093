// `npm start` runs a worker.
process.argv.splice(2, 0, 'worker')
await import('./cli/main.js')
