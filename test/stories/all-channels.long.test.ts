import './all-channels.test.ts'
