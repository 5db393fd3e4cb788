import { dscoBench } from './suite/bench-dsco.ts'
import { describeMarketplace } from './suite/describe.ts'

describeMarketplace(dscoBench)
