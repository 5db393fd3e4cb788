import { amazonBench } from './suite/bench-amazon.ts'
import { describeMarketplace } from './suite/describe.ts'

describeMarketplace(amazonBench('v0'))
