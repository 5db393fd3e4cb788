import './all-channels.test.ts'
import './all-channels-canaries.ts'
