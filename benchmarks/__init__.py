"""What the grader costs, measured against its peers: `python -m benchmarks`, or `make bench`."""
