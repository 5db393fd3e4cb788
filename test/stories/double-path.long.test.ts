import './double-path.test.ts'
