import './stock-no-role.test.ts'
