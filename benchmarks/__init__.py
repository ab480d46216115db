"""The figures the README quotes, each made by one command: `python -m benchmarks NAME`."""
