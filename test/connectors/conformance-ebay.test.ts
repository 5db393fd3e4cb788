import { ebayBench } from './suite/bench-ebay.ts'
import { describeMarketplace } from './suite/describe.ts'

describeMarketplace(ebayBench('trading'))
