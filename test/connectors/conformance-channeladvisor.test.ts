import { channelAdvisorBench } from './suite/bench-channeladvisor.ts'
import { describeMarketplace } from './suite/describe.ts'

describeMarketplace(channelAdvisorBench)
