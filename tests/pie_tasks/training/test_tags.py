"""Tags follow from times alone, by the scale of the published rows or by deciles."""

from pathlib import Path

import pytest

from pie_tasks.dataset import PieRow, read_rows
from pie_tasks.dataset.tags import PUBLISHED, TagScale, best_times, closeness, tag_rows
from sandbox.types import SandboxError


def row(problem_id: str, seconds: float | None, fastest: float | None = None) -> PieRow:
    return PieRow(
        pair_id=f"{problem_id}_a_b",
        problem_id=problem_id,
        src_id="a",
        tgt_id="b",
        src_code="slow",
        tgt_code="fast",
        src_agg_runtime=None if seconds is None else 2 * seconds,
        tgt_agg_runtime=seconds,
        fastest_agg_runtime=fastest,
    )


def test_recorded_tags_follow_from_recorded_times(real_data: Path) -> None:
    rows = read_rows(real_data / "pie_val_rows.jsonl")
    assert len(rows) == 1044
    assert [tagged.perf_tag for tagged in tag_rows(rows)] == [recorded.perf_tag for recorded in rows]


def test_a_unit_of_time_changes_no_tag() -> None:
    rows = [row("p1", 1.0 + i / 7) for i in range(20)]
    scaled = [row("p1", 1000 * (1.0 + i / 7)) for i in range(20)]
    assert [r.perf_tag for r in tag_rows(rows)] == [r.perf_tag for r in tag_rows(scaled)]


def test_deciles_give_each_tag_a_tenth() -> None:
    rows = [row("p1", 1.0 + i) for i in range(100)]
    tags = [tagged.perf_tag for tagged in tag_rows(rows, scale=None)]
    assert [tags.count(tag) for tag in range(1, 11)] == [10] * 10
    assert tags[0] == 10
    assert tags[-1] == 1


def test_an_edge_belongs_to_the_bin_below() -> None:
    scale = TagScale(tuple(i / 10 for i in range(1, 10)))
    assert scale.tag(0.9) == 9
    assert scale.tag(0.9000001) == 10
    assert scale.tag(0.0) == 1
    assert PUBLISHED.tag(1.0) == 10


def test_the_best_time_is_the_best_of_all_that_is_known() -> None:
    rows = [row("p1", 4.0, fastest=2.0), row("p1", 3.0), row("p2", 9.0)]
    assert best_times(rows) == {"p1": 2.0, "p2": 9.0}
    scale = TagScale((0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9))
    assert [r.perf_tag for r in tag_rows(rows, scale)] == [5, 7, 10]
    assert [r.perf_tag for r in tag_rows(rows, scale, {"p2": 0.9})] == [5, 7, 1]


def test_a_row_without_a_time_keeps_no_tag() -> None:
    assert tag_rows([row("p1", None)])[0].perf_tag is None


@pytest.mark.parametrize("edges", [(0.1,), tuple(0.1 for _ in range(8)), (0.9, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)])
def test_a_wrong_scale_is_refused(edges: tuple[float, ...]) -> None:
    with pytest.raises(SandboxError, match="9 ascending edges"):
        TagScale(edges)


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("inf"), float("nan")])
def test_a_time_that_is_none_is_refused(seconds: float) -> None:
    with pytest.raises(SandboxError, match="positive"):
        closeness(1.0, seconds)
