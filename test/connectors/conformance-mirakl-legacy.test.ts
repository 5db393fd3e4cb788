import { miraklBench } from './suite/bench-mirakl.ts'
import { describeMarketplace } from './suite/describe.ts'

describeMarketplace(miraklBench('OR24'))
