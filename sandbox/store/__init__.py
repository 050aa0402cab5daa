"""The durable store of measurements: what was compiled, run and checked once is never done again."""

from sandbox.store.sqlite import Store as Store
