"""Real services, waiters and row makers that tests and benchmarks share. Imports neither of them."""
