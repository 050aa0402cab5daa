"""From text to numbers: extraction, metrics, statistics, reports, submissions."""
