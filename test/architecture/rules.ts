import type { IForbiddenRuleType, IReachabilityForbiddenRuleType, IRegularForbiddenRuleType } from 'dependency-cruiser'

type From = IRegularForbiddenRuleType['from']
type To = IRegularForbiddenRuleType['to'] | IReachabilityForbiddenRuleType['to']

function deny(name: string, from: From, to: To): IForbiddenRuleType {
  return { name, severity: 'error', from, to } as IForbiddenRuleType
}

const compositionRoot = '^src/commands/shell/(runtime|configuration|webhook-settings)[.]ts$'
const command = '^src/commands/[^/]+[.]ts$'

/** The rooms of core, the lowest first. Each may use those below it. */
export const layers = [
  'model',
  'ports',
  'db',
  'config|privacy|tasks|alerts',
  'inventory',
  'orders|tracking',
  'reconcile|reports|inbox|retention',
]

/** Which connector a vendor's package belongs to. */
export const sdks = { amazon: 'amazon-sp-api', ebay: 'ebay-api', notify: 'nodemailer|twilio' }

export const rules: readonly IForbiddenRuleType[] = [
  deny('no-cycles', {}, { circular: true }),
  // The configuration reference is made by scripts/docs.mjs, outside the program.
  deny(
    'no-dead-files',
    { path: '^src/main[.]ts$' },
    { path: '^(src|migrations)/', pathNot: '^src/core/config/reference[.]ts$', reachable: false },
  ),
  deny('no-dumping-ground', {}, { path: '^src/.*/(utils?|helpers?|common|misc|shared|lib)[/.]' }),
  deny('no-unlisted-packages', {}, { dependencyTypes: ['unknown', 'undetermined', 'npm-no-pkg', 'npm-unknown'] }),
  deny('main-starts-commands', { path: '^src/main[.]ts$' }, { path: '^src/', pathNot: '^src/commands/' }),
  deny('core-knows-nobody', { path: '^src/core/' }, { path: '^(bin/|src/(main[.]ts|commands/|connectors/|serve/|sandbox/))' }),
  deny(
    'connectors-see-ports-only',
    { path: '^src/connectors/' },
    { path: '^src/(main|commands|serve|core)', pathNot: '^src/core/(ports/|model/|errors[.]ts|config/)' },
  ),
  // A connector says what may stand in its part of the file; the program reads the file.
  deny(
    'connectors-declare-their-keys',
    { path: '^src/connectors/' },
    { path: '^src/core/config/', pathNot: '^src/core/config/(channel-keys|channel-type|fields)[.]ts$' },
  ),
  deny('keys-stay-in-config', { path: '^src/connectors/', pathNot: '/(config|index)[.]ts$' }, { path: '^src/core/config/' }),
  deny(
    'connectors-are-islands',
    { path: '^src/connectors/([^/]+)/' },
    { path: '^src/connectors/', pathNot: '^src/connectors/(($1|http)/|channel[.]ts$)' },
  ),
  deny('one-composition-root', { path: '^src/(commands|serve)/', pathNot: compositionRoot }, { path: '^src/connectors/' }),
  deny('commands-are-siblings', { path: command, pathNot: '/program[.]ts$' }, { path: command }),
  deny(
    'commands-leave-sql-alone',
    { path: '^src/(commands|serve)/', pathNot: compositionRoot },
    { path: '^src/core/db/', pathNot: '/migrate[.]ts$' },
  ),
  deny('serve-is-a-room-of-its-own', { path: '^src/serve/' }, { path: '^src/(main[.]ts|commands/)' }),
  deny('serve-has-one-door', { pathNot: '^(src/serve/|src/commands/serve[.]ts|test/)' }, { path: '^src/serve/' }),
  deny('sandbox-is-alone', { path: '^src/sandbox/' }, { path: '^src/', pathNot: '^src/sandbox/' }),
  deny(
    'sandbox-is-unknown',
    { pathNot: '^(src/sandbox/|src/commands/(sandbox|demo)[.]ts|src/commands/demo/|test/)' },
    { path: '^src/sandbox/' },
  ),
  deny('model-is-pure', { path: '^src/core/model/' }, { pathNot: '^src/core/(model/|errors[.]ts)|node_modules/zod/' }),
  deny(
    'sql-stays-in-db',
    { pathNot: '^(src/core/db|migrations|test)/|^knexfile' },
    { path: 'node_modules/(knex|pg|better-sqlite3)/' },
  ),
  deny(
    'terminal-stays-in-commands',
    { pathNot: '^(src/commands|test)/' },
    { path: 'node_modules/(commander|cli-table3|ora|@inquirer|pino|pino-pretty)/' },
  ),
  ...layers.flatMap((layer, i) => {
    const above = layers.slice(i + 1).join('|')
    return above === ''
      ? []
      : [deny(`core-looks-down-from-${layer}`, { path: `^src/core/(${layer})/` }, { path: `^src/core/(${above})/` })]
  }),
  ...Object.entries(sdks).map(([home, sdk]) =>
    deny(`sdk-stays-in-${home}`, { pathNot: `^(src/connectors/${home}|test)/` }, { path: `node_modules/(${sdk})/` }),
  ),
]
