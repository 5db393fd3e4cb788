import './cli-contract.test.ts'
