import './stock-brakes.test.ts'
