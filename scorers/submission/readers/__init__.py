"""Runs from the frameworks' own result files; nothing is measured again."""

from scorers.submission.readers.base import RawRun
from scorers.submission.readers.inspect_log import read_inspect
from scorers.submission.readers.lm_eval_output import read_lm_eval

__all__ = ["RawRun", "read_inspect", "read_lm_eval"]
