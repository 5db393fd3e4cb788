import './stock-canaries.test.ts'
