"""Metrics, baselines, behavioural suites and reports for expertstance."""
