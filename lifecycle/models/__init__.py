"""Models that learn: the one place that knows River, which takes most of a second to import."""
