import './stock-dry-run.test.ts'
