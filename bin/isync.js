#!/usr/bin/env node
const [major, minor] = process.versions.node.split('.').map(Number)
const asked = process.argv[2]

if (major < 22 || (major === 22 && minor < 13)) {
  process.stderr.write(
    `isync needs Node 22.13 or newer, this is ${process.versions.node}. Run "npm ci" in the isync folder, which brings one, then start bin/isync.\n`,
  )
  process.exitCode = 2
} else {
  await start()
}

// Every command pays for this file, so it counts milliseconds: an `import` of node:fs takes 3, process.stdout takes 6.
async function start() {
  const fs = process.getBuiltinModule('fs')
  if (asked === '--version' || asked === '-V') {
    fs.writeSync(1, `${JSON.parse(fs.readFileSync(`${import.meta.dirname}/../package.json`, 'utf8')).version}\n`)
  } else if (fs.existsSync(`${import.meta.dirname}/../dist/main.js`)) {
    process.getBuiltinModule('module').enableCompileCache()
    await import('../dist/main.js')
  } else {
    fs.writeSync(2, 'isync is not built yet. Run "npm run build" in the isync folder.\n')
    process.exitCode = 2
  }
}
