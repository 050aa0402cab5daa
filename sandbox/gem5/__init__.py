"""PIE's Skylake in gem5: the machine, the agent that runs inside gem5, and the harness's side of it.

``verbatim``, ``skylake``, ``gate``, ``snapshot``, ``published``, ``agent`` and ``boot`` travel to where gem5 is and
run in its own Python (3.8 or newer); the rest runs in the harness."""

import hashlib
from pathlib import Path

from sandbox.gem5.binary import AGENT_FILES


def _hash() -> str:
    digest = hashlib.sha256()
    for name in AGENT_FILES:
        digest.update((Path(__file__).parent / name).read_bytes())
    return digest.hexdigest()


AGENT_SHA256 = _hash()
"""Of everything of ours that runs in gem5, machine and agent: part of the fingerprint."""
