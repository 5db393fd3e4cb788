import './stock-happy.test.ts'
