// Writes docs/configuration.md from the schema that checks the configuration file. `npm run docs`
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { channelTypes } from '../src/connectors/index.ts'
import { configurationReference } from '../src/core/config/reference.ts'

writeFileSync(join(import.meta.dirname, '../docs/configuration.md'), configurationReference(channelTypes))
