"""Pipes: topics, tasks, the exactly-once shell, stores, metrics and settings; no business rule."""
