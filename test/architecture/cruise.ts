import { cruise, type ICruiseResult } from 'dependency-cruiser'
import { rules } from './rules.ts'

export interface Finding {
  readonly rule: string
  readonly from: string
  readonly to: string
}

/** Every import under `folders` that breaks a rule, and how many modules were looked at. */
export async function findings(baseDir: string, folders: readonly string[]): Promise<{ findings: Finding[]; modules: number }> {
  const { output } = await cruise([...folders], {
    baseDir,
    ruleSet: { forbidden: [...rules] },
    validate: true,
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^node:' },
    // Packages whose parts are named in `exports` only, such as csv-parse/sync.
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  })
  const { modules, summary } = output as ICruiseResult
  return {
    findings: summary.violations.map(({ rule, from, to }) => ({ rule: rule.name, from, to })),
    modules: modules.filter(({ source }) => !source.includes('node_modules')).length,
  }
}
