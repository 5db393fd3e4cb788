import './bad-stock-input.test.ts'
