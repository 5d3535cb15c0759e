"""What is fast, accurate and trustworthy, measured: `python -m benchmarks.NAME`. No tests; figures go into docs/benchmarks.md."""
