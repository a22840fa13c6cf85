"""Benchmarks of jaxminuit against other minimisers: `python -m benchmarks list`."""
