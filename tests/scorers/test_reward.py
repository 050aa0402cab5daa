"""Rewards of real programs, measured by the real sandbox."""

import json
import math
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from pie_tasks.cli import cli
from pie_tasks.dataset import load_split
from pie_tasks.training.trainer_reward import TrainerReward
from sandbox.types import SandboxError, Status, TestCase
from scorers.evaluate import Evaluator, Settings
from scorers.reward import RewardOptions, reward, rewards
from scorers.types import Pair

SLOW = """#include <cstdio>
int main() {
  long n, total = 0;
  if (scanf("%ld", &n) != 1) return 1;
  for (volatile long i = 1; i <= n; i++) total += i;
  printf("%ld\\n", total);
}
"""
FAST = SLOW.replace("for (volatile long i = 1; i <= n; i++) total += i;", "total = n * (n + 1) / 2;")
HALF_RIGHT = FAST.replace("return 1;", "return 1; if (n == 900000) n = 1;")
TESTS = tuple(TestCase(str(i), f"{n}\n".encode(), f"{n * (n + 1) // 2}\n".encode()) for i, n in enumerate((10, 900000)))
PAIR = Pair("p1_a_b", "p1", SLOW, TESTS)


@pytest.fixture(scope="module")
def evaluator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evaluator]:
    store = tmp_path_factory.mktemp("store") / "store.sqlite"
    with Evaluator(Settings(engine="cachegrind", toolchain="host", store=store, workers=2)) as made:
        yield made


def fenced(code: str) -> str:
    return f"Faster:\n```cpp\n{code}```\n"


def test_each_kind_of_response_has_its_reward(evaluator: Evaluator) -> None:
    options = RewardOptions(correct=0.5, weight=2.0, wrong=-1.0, partial=0.4, broken=-2.0)
    texts = [fenced(FAST), fenced(SLOW), fenced(HALF_RIGHT), fenced(FAST.replace(";", "", 1)), "I can't.", fenced(FAST)]
    earned = rewards(evaluator, [(PAIR, text) for text in texts], options)
    fast, same, half, broken, none, again = earned
    assert fast.correct and fast.speedup > 1.5
    assert fast.value == pytest.approx(0.5 + 2.0 * math.log2(fast.speedup))
    assert same.value == 0.5 and same.speedup == 1.0
    assert (half.status, half.value) == (Status.WRONG_ANSWER, -1.0 + 0.4 * 0.5)
    assert (broken.status, broken.value) == (Status.COMPILE_ERROR, -2.0)
    assert (none.status, none.value) == (Status.NO_CODE, -2.0)
    assert again == fast


def test_shapes_and_the_cap(evaluator: Evaluator) -> None:
    speedup = reward(evaluator, PAIR, fenced(FAST)).speedup
    values = {
        shape: reward(evaluator, PAIR, fenced(FAST), RewardOptions(correct=0.0, shape=shape)).value
        for shape in ("log2", "linear", "optimized")
    }
    assert values == {
        "log2": pytest.approx(math.log2(speedup)),
        "linear": pytest.approx(speedup - 1),
        "optimized": 1.0,
    }
    capped = reward(evaluator, PAIR, fenced(FAST), RewardOptions(correct=0.0, shape="linear", max_speedup=1.25))
    assert capped.value == 0.25
    assert capped.speedup == speedup


def test_a_slower_program_is_worth_no_less_than_an_equal_one(evaluator: Evaluator) -> None:
    slower = SLOW.replace("total += i;", "{ for (volatile int j = 0; j < 3; j++) {} total += i; }")
    earned = reward(evaluator, PAIR, fenced(slower))
    assert earned.correct and earned.speedup < 1
    assert earned.value == 1.0


def test_items_of_several_pairs_keep_their_order(evaluator: Evaluator) -> None:
    other = Pair("p2_a_b", "p2", SLOW, TESTS[:1])
    items = [(PAIR, fenced(FAST)), (other, fenced(SLOW)), (PAIR, "no"), (other, fenced(FAST))]
    earned = rewards(evaluator, items)
    assert [one.status for one in earned] == [Status.ACCEPTED, Status.ACCEPTED, Status.NO_CODE, Status.ACCEPTED]
    assert earned[0].speedup != earned[3].speedup
    assert rewards(evaluator, []) == []


def test_a_fault_is_never_a_reward(evaluator: Evaluator) -> None:
    with pytest.raises(SandboxError):
        reward(evaluator, Pair("p3", "p3", SLOW, ()), fenced(FAST))


@pytest.mark.parametrize(("options", "message"), [({"shape": "cubic"}, "shape"), ({"checker": "kind"}, "checker")])
def test_wrong_options(options: dict[str, str], message: str) -> None:
    with pytest.raises(SandboxError, match=f"unknown {message}"):
        RewardOptions(**options)


def test_a_trainer_calls_it_with_columns(tmp_path: Path) -> None:
    split = load_split("pie_mini")
    row = split.rows[1]  # reads nothing, so it is quick
    options = RewardOptions(correct=0.25, shape="optimized")
    settings = Settings(engine="cachegrind", toolchain="host", store=tmp_path / "store.sqlite", workers=2)
    with TrainerReward(split, settings, options) as pie_reward:
        assert pie_reward.__name__ == "pie_reward"
        values = pie_reward(
            prompts=["", "", ""],
            completions=[[{"role": "assistant", "content": fenced(row.src_code)}], fenced("int main() {}"), "no code"],
            pair_id=[row.pair_id] * 3,
            completion_ids=[[1], [2], [3]],
            trainer_state=None,
        )
        assert values == [0.25, 0.0, 0.0]
        with pytest.raises(SandboxError, match="no pair 'p0'"):
            pie_reward(completions=["x"], pair_id=["p0"])
        with pytest.raises(SandboxError, match="2 completions for 1 pairs"):
            pie_reward(completions=["x", "y"], pair_id=[row.pair_id])


def test_the_command_writes_a_line_for_a_line(tmp_path: Path) -> None:
    row = load_split("pie_mini").rows[1]
    lines = [{"pair_id": row.pair_id, "response": fenced(row.tgt_code)}, {"pair_id": row.pair_id, "response": "no"}]
    file = tmp_path / "responses.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    arguments = ["reward", str(file), "--split", "pie_mini", "--shape", "linear", "--broken", "-1"]
    ended = CliRunner().invoke(cli, arguments)
    assert ended.exit_code == 0, ended.output
    first, second = (json.loads(line) for line in ended.output.splitlines() if line.startswith("{"))
    assert first["correct"] and first["value"] == pytest.approx(1 + max(1, first["speedup"]) - 1)
    assert (second["status"], second["value"]) == ("no_code", -1.0)
    file.write_text('{"pair_id": "x"}\n')
    assert "line 1: needs an object with 'pair_id' and 'response'" in str(CliRunner().invoke(cli, arguments).exception)
