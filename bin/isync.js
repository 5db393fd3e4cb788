#!/usr/bin/env node
import fs from 'node:fs'
import module from 'node:module'

const [major, minor] = process.versions.node.split('.').map(Number)
const asked = process.argv[2]

if (major < 22 || (major === 22 && minor < 13)) {
  fail(
    `isync needs Node 22.13 or newer, this is ${process.versions.node}. Run "npm ci" in the isync folder, which brings one, then start bin/isync.`,
  )
} else if (asked === '--version' || asked === '-V') {
  // Scripts ask this often: nothing is loaded for it, not even process.stdout, which takes 6 ms to come into being.
  fs.writeSync(1, `${JSON.parse(fs.readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version}\n`)
} else {
  const program = new URL('../dist/main.js', import.meta.url)
  if (fs.existsSync(program)) {
    module.enableCompileCache()
    await import(program.href)
  } else {
    fail('isync is not built yet. Run "npm run build" in the isync folder.')
  }
}

function fail(message) {
  fs.writeSync(2, `${message}\n`)
  process.exitCode = 2
}
