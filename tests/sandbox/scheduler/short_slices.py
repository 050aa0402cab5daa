"""Workers that load this give a unit back after its first test."""

from sandbox.scheduler import work

work.SLICE_SECONDS = 0.0
