"""The timing model alone, fed with hand-made blocks: latencies and costs that gem5's configuration fixes."""

from __future__ import annotations

import random
import shutil
import subprocess
from pathlib import Path

import pytest

from sandbox.skylake.parameters import HEADER, render

MODEL = HEADER.parent
BASE = 0x400000
ADD = "4801d8"  # add rax, rbx
ADDS = ("4801d8", "4801d9", "4801da", "4801de")  # into rax, rcx, rdx, rsi
MULTIPLY = "480fafc3"  # imul rax, rbx
LOAD = "488b00"  # mov rax, [rax]
STORE = "488903"  # mov [rbx], rax
DIVIDE = "48f7f3"  # div rbx
BRANCH = "7500"  # jne to the next instruction


@pytest.fixture(scope="module")
def driver(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled driver."""
    compiler = shutil.which("g++")
    if compiler is None or not Path("/usr/include/Zydis/Zydis.h").exists():
        pytest.skip("needs g++ and libzydis-dev")
    out = tmp_path_factory.mktemp("model") / "driver"
    sources = [Path(__file__).parent / "driver.cpp", MODEL / "model.cpp", MODEL / "decode.cpp"]
    flags = ["-std=c++17", "-O2", "-Wall", "-Wextra", "-Werror", f"-I{MODEL}"]
    subprocess.run([compiler, *flags, *map(str, sources), "-o", str(out), "-lZydis"], check=True)
    return out


def run(driver: Path, *lines: str, options: str = "") -> dict[str, int]:
    """The model's counters after a script; code and data pages of the tests are mapped."""
    script = "\n".join([f"p {BASE:x} 10000", "p 1000000 1000000", *lines]) + "\n"
    text = subprocess.run([str(driver), options], input=script, capture_output=True, text=True, check=True).stdout
    return {name: int(value) for name, _, value in (line.partition("=") for line in text.splitlines())}


def loop(*code: str) -> str:
    """A block that jumps to itself."""
    size = sum(len(word) // 2 for word in code) + 2
    return f"b loop {BASE:x} {' '.join(code)} eb{256 - size:02x}"


def cycles_an_iteration(driver: Path, *code: str, accesses: str = "", times: int = 2000) -> float:
    """Cycles that one more iteration costs, start-up aside."""
    runs = [run(driver, loop(*code), f"x loop {BASE:x} {n} {accesses}")["cycles"] for n in (times, 2 * times)]
    return (runs[1] - runs[0]) / times


def test_a_dependency_chain_takes_one_cycle_a_link(driver: Path) -> None:
    assert cycles_an_iteration(driver, *[ADD] * 24) == pytest.approx(24, abs=0.1)


def test_independent_operations_are_bounded_by_fetch(driver: Path) -> None:
    # 16 three-byte operations, a jump of three micro-ops: 50 bytes are four 16-byte blocks.
    assert 5 <= cycles_an_iteration(driver, *(ADDS * 4)) <= 7


def test_a_product_takes_four_cycles(driver: Path) -> None:
    assert cycles_an_iteration(driver, *[MULTIPLY] * 8) == pytest.approx(32, abs=0.1)


def test_loads_that_hit_take_two_cycles(driver: Path) -> None:
    assert cycles_an_iteration(driver, *[LOAD] * 12, accesses=" ".join(f"1000000:{i}:0" for i in range(12))) == (
        pytest.approx(24, abs=0.1)
    )


@pytest.mark.parametrize(("kib", "low", "high"), [(256, 19, 19.5), (16384, 190, 330)])
def test_loads_that_miss_take_the_latency_of_the_next_level(driver: Path, kib: int, low: float, high: float) -> None:
    lines = [0x1000000 + 64 * i for i in range(kib * 16)]
    random.Random(1).shuffle(lines)
    scripts = []
    for rounds in (1, 2):
        addresses = (lines * rounds)[: len(lines) + 4000 * (rounds - 1)]
        scripts.append([loop(LOAD), *(f"x loop {BASE:x} 1 {address:x}:0:0" for address in addresses)])
    first, second = (run(driver, *script)["cycles"] for script in scripts)
    assert low <= (second - first) / 4000 <= high


def test_a_load_right_after_its_store_is_forwarded(driver: Path) -> None:
    counters = run(driver, loop(STORE, LOAD), f"x loop {BASE:x} 500 1000000:0:1 1000000:1:0")
    assert counters["forwards"] > 400
    assert counters["violations"] < 10


def test_an_unpredictable_branch_costs_a_refill(driver: Path) -> None:
    block = f"b loop {BASE:x} {ADD} 7510"
    choice = random.Random(2)
    regular = [f"x loop {BASE + 21:x} 4000"]
    irregular = [f"x loop {BASE + (21 if choice.random() < 0.5 else 5):x} 1" for _ in range(4000)]
    calm, wild = run(driver, block, *regular), run(driver, block, *irregular)
    assert calm["mispredicts"] < 10
    assert 1500 < wild["mispredicts"] < 2600
    assert 20 < (wild["cycles"] - calm["cycles"]) / wild["mispredicts"] < 45


def test_a_division_takes_a_step_for_each_bit_of_its_quotient(driver: Path) -> None:
    few = run(driver, loop(DIVIDE), f"x loop {BASE:x} 100 1:0:2")
    many = run(driver, loop(DIVIDE), f"x loop {BASE:x} 100 ffffffffffffffff:0:2")
    assert many["uops"] - few["uops"] == 100 * 15 * 5  # fifteen more iterations of four steps and a branch


def test_the_first_touch_of_a_page_faults(driver: Path) -> None:
    touched = run(driver, loop(LOAD), f"x loop {BASE:x} 10 1000000:0:0")
    fresh = run(driver, loop(LOAD), f"x loop {BASE:x} 10 9000000:0:0")
    assert (touched["faults"], fresh["faults"]) == (0, 1)
    assert fresh["cycles"] - touched["cycles"] > 30


def test_a_non_temporal_store_traps(driver: Path) -> None:
    plain = cycles_an_iteration(driver, "660f7f03", accesses="1000000:0:1 1000008:0:1", times=200)  # movdqa [rbx], xmm0
    streaming = cycles_an_iteration(driver, "660fe703", accesses="1000000:0:1 1000008:0:1", times=200)  # movntdq
    assert streaming > plain + 30


def test_equal_scripts_give_equal_counters(driver: Path) -> None:
    script = [loop(*ADDS, MULTIPLY, LOAD), *(f"x loop {BASE:x} 3 {0x1000000 + 4096 * i:x}:5:0" for i in range(200))]
    assert run(driver, *script) == run(driver, *script)


def irregular(seed: int) -> list[str]:
    """A script of loops that call each other by chance, with loads and stores that hit, miss, overlap and fault."""
    choice = random.Random(seed)
    pool = (*ADDS, MULTIPLY, DIVIDE, "f20f58c1", "660ffec1", "0fa2", "f30f5ec1", "0fb6c3", "48c1e003", "480fbdc3")
    script, blocks = [], []
    for number in range(12):
        code: list[str] = []
        touches = []
        for position in range(choice.randrange(1, 9)):
            word = choice.choice((*pool, LOAD, STORE, LOAD, STORE))
            if word in (LOAD, STORE):
                touches.append((position, int(word == STORE)))
            if word == DIVIDE:
                touches.append((position, 2))
            code.append(word)
        address = BASE + 256 * number
        ending = choice.choice(("7510", "eb10", "e810000000", "c3", "ffe0", ""))
        size = sum(len(word) // 2 for word in code) + len(ending) // 2
        script.append(f"b b{number} {address:x} {' '.join(code)} {ending}")
        blocks.append((number, address, size, touches))
    number = 0
    for _ in range(6000):
        _, address, size, touches = blocks[number]
        following = number if choice.random() < 0.7 else choice.randrange(len(blocks))
        span = choice.choice((64, 64, 64, 4096, 1 << 19, 1 << 26))
        accesses = [
            f"{0x1000000 + choice.randrange(span):x}:{i}:{kind}" if kind < 2 else f"{choice.randrange(99):x}:{i}:2"
            for i, kind in touches
            if choice.random() < 0.999
        ]
        beyond = choice.choice((size, size + 16))
        target = address + beyond if choice.random() < 0.2 else blocks[following][1]
        script.append(f"x b{number} {target:x} {choice.choice((1, 1, 1, 40))} {' '.join(accesses)}")
        number = following
    return script


@pytest.mark.parametrize("seed", range(8))
def test_what_is_remembered_changes_nothing(driver: Path, seed: int) -> None:
    script = irregular(seed)
    assert run(driver, *script) == run(driver, *script, options="memo=0")


def test_the_header_is_made_of_the_simulator_s_table() -> None:
    assert HEADER.read_text() == render()
