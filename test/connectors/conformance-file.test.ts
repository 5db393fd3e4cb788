import { fileBench } from './suite/bench-file.ts'
import { describeMarketplace } from './suite/describe.ts'

describeMarketplace(fileBench)
