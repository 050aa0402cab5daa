"""What engines write is a result or none; what an agent answers is an answer or a fault."""

import io
import json

from hypothesis import example, given
from hypothesis import strategies as st

from sandbox.engines.cachegrind import _counts, _cycles
from sandbox.engines.skylake import _REPLY, _judge, _Server
from sandbox.gem5.connection import Connection
from sandbox.types import SandboxError
from tests.fuzz.conftest import FUZZ

EVENTS = b"events: Ir I1mr ILmr Dr D1mr DLmr Dw D1mw DLmw Bc Bcm Bi Bim\n"
SUMMARY = b"summary: 10 1 1 5 1 1 2 0 0 3 1 1 1\n"
pieces = st.sampled_from(
    [EVENTS, SUMMARY, b"events: ", b"summary: ", b"Ir ", b"1 ", b"-5 ", b"\n", b"9" * 5000, b"\xff", b"1_0 "]
)


@FUZZ
@given(st.lists(pieces | st.binary(max_size=8), max_size=8).map(b"".join))
@example(EVENTS + b"summary: 10 1\n")
@example(b"events: Ir\nsummary: x\n")
@example(b"events: Ir\nsummary: 1\n")
@example(EVENTS + SUMMARY.replace(b"10", b"9" * 5000))
def test_counts_or_none(result: bytes) -> None:
    counts = _counts(result)
    if counts is not None:
        assert _cycles(counts) >= 0


class RecordedServer:
    """A started program whose server has written all that it will ever write."""

    def __init__(self, replies: bytes) -> None:
        self.stdin, self.stdout, self.stderr = io.BytesIO(), io.BytesIO(replies), io.BytesIO(b"words\n")

    def wait(self, timeout: float | None = None) -> int:
        return 139


headers = st.tuples(
    *(st.sampled_from([1, 2, 3, 4, 5, 9, 24, 100, 101, 0]), st.integers(-70, 70)),
    *(st.integers(0, 1), st.integers(0, 12), st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1)),
    *(st.integers(0, 8), st.integers(0, 8)),
).map(lambda fields: _REPLY.pack(*fields))


@FUZZ
@given(
    st.binary(max_size=60) | st.tuples(headers, st.sampled_from([b"", b"a=1\n", b"a=x\n"]) | st.binary()).map(b"".join)
)
@example(_REPLY.pack(1, 0, 1, 4, 5, 5, 2, 0) + b"ok" + b"a=1\n")
@example(_REPLY.pack(1, 0, 1, 4, 5, 5, 0, 0) + b"a=x\n")
@example(_REPLY.pack(1, 0, 1, 1, 5, 5, 0, 0) + b"\xff")
@example(_REPLY.pack(1, 0, 1, 2**32 - 1, 5, 5, 2**64 - 1, 2**63) + b"short")
def test_a_run_or_an_end_or_a_fault(replies: bytes) -> None:
    try:
        reply = _Server(RecordedServer(replies)).ask(b"3\n")  # type: ignore[arg-type]
        run = None if isinstance(reply, int) else _judge(reply)
    except SandboxError as error:
        assert "\n" not in str(error)
    else:
        assert run is None or run.ticks is None or run.ticks >= 0


class Recorded:
    """An agent that has written all that it will ever write."""

    def __init__(self, answers: bytes) -> None:
        self.reader = io.BytesIO(answers)
        self.writer = io.BytesIO()

    def alive(self) -> bool:
        return True

    def close(self) -> bytes:
        return b"words\nlast words"


answers = st.binary(max_size=40) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=3,
).map(lambda value: json.dumps(value).encode() + b"\n")


@FUZZ
@given(answers)
@example(b"not JSON\n")
@example(b"\xff\xfe\n")
@example(b"[1]\n")
@example(b"[" * 100_000 + b"\n")
@example(b"1" * 5000 + b"\n")
@example(b'{"error": "no\\nway"}\n')
def test_an_answer_or_a_fault(answer: bytes) -> None:
    try:
        said = Connection(Recorded(answer)).ask("test")
    except SandboxError as error:
        assert "\n" not in str(error)
    else:
        assert isinstance(said, dict)
