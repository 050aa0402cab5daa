"""The judge on hand-made evidence: what is run next, and what it means."""

import itertools
from dataclasses import replace

import pytest

from sandbox.judge import Evidence, MissingRunError, Need, Policy, given_up, judge, next_need, timed_indices
from sandbox.types import Check, Ending, Measurement, Outputs, Status, TestCase

TESTS = tuple(TestCase(str(index), b"in%d" % index, b"out%d" % index) for index in range(3))
CHECKERS = ("pie_compat", "strict")
SLOW = Policy(native_first=True, checkers=CHECKERS)
FAST = Policy(native_first=False, checkers=CHECKERS)


def run(output="good", ticks=None, ending=Ending.EXITED, code=0):
    return Measurement(ending, code, output, len(output), ticks, None, "")


def evidence(native=None, timed=None, again=None):
    checks = {}
    for test in TESTS:
        for output, compat, strict in (("good", True, True), ("loose", True, False), ("bad", False, False)):
            checks[(output, test.expected_sha256, "pie_compat")] = Check(compat, 1.0 if compat else 0.5)
            checks[(output, test.expected_sha256, "strict")] = Check(strict, 1.0 if strict else 0.0)
    return Evidence(TESTS, native or {}, timed or {}, checks, again or {})


def every(output="good", ticks=None, **kwargs):
    return {index: run(output, ticks, **kwargs) for index in range(3)}


def test_a_slow_engine_waits_for_the_native_runs():
    assert next_need(evidence(), SLOW) == Need("native", (0, 1, 2))
    assert next_need(evidence(native=every()), SLOW) == Need("timed", (0, 1, 2))
    assert next_need(evidence(native=every(), timed={1: run(ticks=5)}), SLOW) == Need("timed", (0, 2))
    assert next_need(evidence(native=every(), timed=every(ticks=5)), SLOW) is None


def test_a_fast_engine_runs_first():
    assert next_need(evidence(), FAST) == Need("timed", (0, 1, 2))
    assert next_need(evidence(timed=every(ticks=5)), FAST) == Need("native", (0,))
    assert next_need(evidence(timed=every(ticks=5), native={0: run()}), FAST) is None


def test_time_is_the_sum_over_tests():
    known = evidence(native=every(), timed={0: run(ticks=5), 1: run(ticks=7), 2: run(ticks=11)})
    for checker in CHECKERS:
        verdict = judge(known, SLOW, checker, "b")
        assert (verdict.status, verdict.correct, verdict.ticks) == (Status.ACCEPTED, True, 23)
        assert [test.ticks for test in verdict.tests] == [5, 7, 11]


def test_a_wrong_native_run_is_never_timed():
    known = evidence(native={0: run(), 1: run("bad")})
    assert next_need(known, SLOW) is None
    verdict = judge(known, SLOW, "pie_compat", "b")
    assert (verdict.status, verdict.correct, verdict.ticks) == (Status.WRONG_ANSWER, False, None)
    assert [test.accuracy for test in verdict.tests] == [1.0, 0.5]
    assert given_up(known, SLOW, 1, "native")
    assert not given_up(known, SLOW, 0, "native")


def test_work_goes_on_for_the_checker_that_accepts():
    known = evidence(native={0: run("loose")})
    assert not given_up(known, SLOW, 0, "native")
    assert next_need(known, SLOW) == Need("native", (1, 2))
    known = evidence(native=every("loose"), timed=every("loose", ticks=2))
    assert judge(known, SLOW, "pie_compat", "b").ticks == 6
    assert judge(known, SLOW, "strict", "b").status is Status.WRONG_ANSWER


def test_verdict_ignores_what_lies_behind_the_first_failure():
    short = evidence(native={0: run("bad")})
    long = evidence(native={0: run("bad"), 1: run(), 2: run("bad")}, timed=every(ticks=9))
    for checker in CHECKERS:
        assert judge(short, SLOW, checker, "b") == judge(long, SLOW, checker, "b")


def test_all_tests_gives_every_accuracy():
    policy = replace(SLOW, all_tests=True)
    assert next_need(evidence(native={0: run("bad")}), policy) == Need("native", (1, 2))
    known = evidence(native={0: run("bad"), 1: run(), 2: run("bad")})
    assert next_need(known, policy) is None
    verdict = judge(known, policy, "pie_compat", "b")
    assert [test.accuracy for test in verdict.tests] == [0.5, 1.0, 0.5]
    assert verdict.message.startswith("test 0:")


@pytest.mark.parametrize("ending", [Ending.TIME_LIMIT, Ending.ENGINE_CRASH])
def test_a_simulation_that_fails_is_correct_with_an_infinite_time(ending):
    known = evidence(native=every(), timed={0: run(ticks=3), 1: run("", ending=ending)})
    assert next_need(known, SLOW) is None
    for checker in CHECKERS:
        verdict = judge(known, SLOW, checker, "b")
        assert verdict.correct
        assert verdict.ticks is None
        expected = Status.TIME_LIMIT if ending is Ending.TIME_LIMIT else Status.ENGINE_DIVERGENCE
        assert verdict.status is expected


def test_a_diverging_output_counts_in_compat_only():
    known = evidence(native=every(), timed={0: run(ticks=3), 1: run("bad", ticks=4), 2: run(ticks=5)}, again={1: run()})
    compat, strict = (judge(known, SLOW, checker, "b") for checker in CHECKERS)
    assert (compat.status, compat.correct, compat.ticks) == (Status.ENGINE_DIVERGENCE, True, 12)
    assert (strict.status, strict.correct, strict.ticks) == (Status.ENGINE_DIVERGENCE, True, None)


def test_a_fast_engine_asks_the_native_run_before_it_blames_the_program():
    known = evidence(timed={0: run(ticks=3), 1: run("bad", ticks=4)})
    assert next_need(known, FAST) == Need("native", (1,))
    wrong = evidence(timed={0: run(ticks=3), 1: run("bad", ticks=4)}, native={1: run("bad")})
    assert next_need(wrong, FAST) is None
    assert judge(wrong, FAST, "strict", "b").status is Status.WRONG_ANSWER
    simulators_fault = evidence(timed={0: run(ticks=3), 1: run("bad", ticks=4)}, native={1: run()})
    assert next_need(simulators_fault, FAST) == Need("timed", (2,))


@pytest.mark.parametrize(
    ("ending", "code", "status"),
    [
        (Ending.EXITED, 3, Status.RUNTIME_ERROR),
        (Ending.SIGNALLED, 11, Status.RUNTIME_ERROR),
        (Ending.TIME_LIMIT, 0, Status.TIME_LIMIT),
        (Ending.BLOCKED, 0, Status.TIME_LIMIT),
        (Ending.MEMORY_LIMIT, 0, Status.MEMORY_LIMIT),
        (Ending.OUTPUT_LIMIT, 0, Status.OUTPUT_LIMIT),
    ],
)
def test_every_bad_ending_has_a_status_and_no_accuracy(ending, code, status):
    known = evidence(native={0: run("good", ending=ending, code=code)})
    verdict = judge(known, SLOW, "pie_compat", "b")
    assert (verdict.status, verdict.correct) == (status, False)
    assert verdict.tests[0].accuracy == 0.0
    assert "test 0" in verdict.message


def test_a_timing_subset_times_some_and_checks_all():
    policy = replace(SLOW, timing_tests=1)
    assert next_need(evidence(), policy) == Need("native", (0, 1, 2))
    (chosen,) = timed_indices(TESTS, policy)
    assert next_need(evidence(native=every()), policy) == Need("timed", (chosen,))
    known = evidence(native=every(), timed={chosen: run(ticks=5)})
    verdict = judge(known, policy, "strict", "b")
    assert (verdict.status, verdict.correct, verdict.ticks) == (Status.ACCEPTED, True, 5)
    assert [test.ticks for test in verdict.tests] == [5 if index == chosen else None for index in range(3)]
    wrong = evidence(native={**every(), 2: run("bad")}, timed={chosen: run(ticks=5)})
    assert judge(wrong, policy, "strict", "b").status is Status.WRONG_ANSWER
    assert judge(evidence(native=every(), timed=every(ticks=5)), policy, "strict", "b") == verdict


def test_a_timing_subset_depends_on_the_inputs_alone_and_spans_their_sizes():
    tests = [TestCase(str(index), b"x" * (index * 7 % 20), b"") for index in range(20)]
    for number in (1, 5, 19, 20, 99):
        chosen = timed_indices(tests, replace(SLOW, timing_tests=number))
        assert len(chosen) == len(set(chosen)) == min(number, 20)
        backwards = timed_indices(tests[::-1], replace(SLOW, timing_tests=number))
        assert sorted(19 - index for index in backwards) == chosen
    sizes = sorted(len(tests[index].input) for index in timed_indices(tests, replace(SLOW, timing_tests=4)))
    assert sizes == [2, 7, 12, 17]


def test_incomplete_evidence_is_an_error():
    with pytest.raises(ValueError, match="native"):
        judge(evidence(), SLOW, "strict", "b")


def test_a_difference_between_native_and_timed_output_is_held_against_a_second_native_run():
    timed = {0: run(ticks=3), 1: run("loose", ticks=4), 2: run("loose", ticks=5)}
    known = evidence(native=every(), timed=timed)
    assert next_need(known, SLOW) == Need("again", (1,))
    with pytest.raises(MissingRunError):
        judge(known, SLOW, "pie_compat", "b")
    for second, expected in (("good", Outputs.DIFFER_UNDER_ENGINE), ("loose", Outputs.DIFFER_EACH_TIME)):
        complete = evidence(native=every(), timed=timed, again={1: run(second)})
        assert next_need(complete, SLOW) is None
        verdict = judge(complete, SLOW, "pie_compat", "b")
        assert (verdict.outputs, verdict.status, verdict.ticks) == (expected, Status.ACCEPTED, 12)
    assert not given_up(complete, SLOW, 1, "again")


def test_a_fast_engine_is_held_against_one_native_run_whatever_the_store_has():
    timed = every("loose", ticks=2)
    known = evidence(timed=timed, native={0: run("loose"), 1: run("good")})
    assert next_need(known, FAST) is None
    assert judge(known, FAST, "pie_compat", "b").outputs is Outputs.AGREE
    differs = evidence(timed=timed, native={0: run("good")}, again={0: run("good")})
    verdict = judge(differs, FAST, "pie_compat", "b")
    assert (verdict.outputs, verdict.status) == (Outputs.DIFFER_UNDER_ENGINE, Status.ACCEPTED)


def test_runs_that_do_not_end_by_themselves_are_not_compared():
    known = evidence(native=every(), timed={0: run(ticks=3), 1: run("", ending=Ending.TIME_LIMIT)})
    assert next_need(known, SLOW) is None
    assert judge(known, SLOW, "pie_compat", "b").outputs is Outputs.AGREE


@pytest.mark.parametrize("policy", [SLOW, FAST])
def test_checkers_that_agree_on_every_output_give_a_right_program_one_verdict(policy):
    agreeing = different = 0
    for outputs in itertools.product(("good", "loose", "bad"), repeat=6):
        native = {index: run(outputs[index]) for index in range(3)}
        timed = {index: run(outputs[3 + index], ticks=5 + index) for index in range(3)}
        known = evidence(native, timed, native)
        known = replace(known, checks={key: check for key, check in known.checks.items() if key[0] in outputs})
        compat, strict = (judge(known, policy, checker, "b") for checker in CHECKERS)
        if known.agree("pie_compat", "strict") and compat.status is Status.ACCEPTED:
            agreeing += 1
            assert compat == strict
        different += compat.status is Status.ACCEPTED and compat != strict
    assert agreeing
    assert different
