"""The benchmark's tasks for lm-eval: YAML files that name them, and the task class behind all of them."""
