"""Samples, machine facts, reports and databases that the benchmarks share."""
