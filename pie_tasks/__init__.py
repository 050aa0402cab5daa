"""The PIE benchmark as tasks of lm-eval and inspect-ai: data, prompts, registrations, command line."""
