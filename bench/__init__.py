"""Benchmarks: measured side by side in one run, never a test's pass criterion."""
