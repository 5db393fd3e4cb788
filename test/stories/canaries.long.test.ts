import './canaries.test.ts'
