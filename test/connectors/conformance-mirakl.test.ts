import { miraklBench } from './suite/bench-mirakl.ts'
import { describeMarketplace } from './suite/describe.ts'

describeMarketplace(miraklBench('ST01'))
