"""The pages in a real browser: nothing is fetched, nothing complains, and everything that can be clicked works."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from sandbox.types import TestCase
from scorers.report.board import (
    Reference,
    Verification,
    board_tables,
    human_reference,
    write_board,
    write_verification,
)
from scorers.report.compare import compare_runs
from scorers.report.compare_page import compare_page
from scorers.report.page import Extras, report_page
from scorers.report.startup import StartUp
from scorers.submission import Bundle, open_bundle, write_bundle
from tests.scorers.synthetic_runs import FINGERPRINT, synthetic_run

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
By = pytest.importorskip("selenium.webdriver.common.by").By

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")

pytestmark = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="no chromium and chromedriver here")


class Browser:
    """Chromium with its console and its requests recorded."""

    def __init__(self, driver: webdriver.Chrome) -> None:
        self.driver = driver

    def open(self, path: Path) -> None:
        self.driver.get(path.as_uri())

    def all(self, selector: str) -> list[webdriver.remote.webelement.WebElement]:
        return list(self.driver.find_elements(By.CSS_SELECTOR, selector))

    def texts(self, selector: str) -> list[str]:
        return [element.text for element in self.all(selector) if element.is_displayed()]

    def choose(self, selector: str, value: str) -> None:
        script = "arguments[0].value = arguments[1]; arguments[0].dispatchEvent(new Event('input', {bubbles: true}))"
        self.driver.execute_script(script, self.all(selector)[0], value)

    def wait(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + 30
        while not condition():
            assert time.monotonic() < end, "the page never got there"
            time.sleep(0.05)

    def complaints(self) -> list[str]:
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def requests(self) -> list[str]:
        """Addresses of everything that was asked for, the page's own file left out."""
        messages = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        urls = [one["params"]["request"]["url"] for one in messages if one["method"] == "Network.requestWillBeSent"]
        return [url for url in urls if not url.startswith(("file:", "data:"))]


@pytest.fixture(scope="module")
def chrome(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    options.binary_location = str(CHROMIUM)
    folder = tmp_path_factory.mktemp("profile")
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        f"--user-data-dir={folder}",
    ):
        options.add_argument(argument)
    options.add_argument("--window-size=1200,1600")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(str(DRIVER)))
    yield driver
    driver.quit()


@pytest.fixture
def browser(chrome: webdriver.Chrome) -> Iterator[Browser]:
    chrome.get("about:blank")
    chrome.get_log("browser"), chrome.get_log("performance")
    browser = Browser(chrome)
    yield browser
    assert browser.complaints() == []
    assert browser.requests() == []


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    run, split = synthetic_run(pairs=40, k=8, problems=9, model="<script>alert(1)</script>")
    first = run.scores[0]
    flagged = replace(first.candidates[0], flags=("looks_for_simulator",))
    run = replace(run, scores=(replace(first, candidates=(flagged, *first.candidates[1:])), *run.scores[1:]))
    extras = Extras(
        targets=split.sources,
        startup=[StartUp(score.pair_id, 0.8, 0.6, 2.0, 3.0) for score in run.scores[:5]],
        find_test=lambda pair_id, name: TestCase(name, b"SECRET input", b"SECRET output"),
    )
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(report_page(run, split.sources, extras))
    return path


def open_pair(browser: Browser, number: int = 0) -> webdriver.remote.webelement.WebElement:
    pair = browser.all("#pairs > details")[number]
    browser.driver.execute_script("arguments[0].open = true", pair)
    browser.wait(lambda: bool(pair.find_elements(By.CSS_SELECTOR, ".sample")))
    return pair


def test_report_shows_its_parts(browser: Browser, report: Path) -> None:
    browser.open(report)
    assert browser.texts("h1") == ["<script>alert(1)</script>"]
    assert len(browser.all(".tile b")) == 6
    assert len(browser.all("svg.chart")) == 7
    assert "not PIE" not in browser.driver.page_source
    assert any("pie_mini" in text for text in browser.texts("header .warning p"))
    assert "GPT-4" in browser.driver.page_source and "published, gem5 Skylake, PIE test" in browser.driver.page_source
    assert "looks_for_simulator" in browser.driver.page_source
    ids = [element.get_attribute("id") for element in browser.all("[id]")]
    assert len(ids) == len(set(ids))


def test_report_samples_open_with_a_difference(browser: Browser, report: Path) -> None:
    browser.open(report)
    pair = open_pair(browser)
    samples = pair.find_elements(By.CSS_SELECTOR, ".sample")
    assert len(samples) == 8
    code = next(sample for sample in samples if sample.find_elements(By.CSS_SELECTOR, "pre.code > .d"))
    difference, candidate, slow = code.find_elements(By.CSS_SELECTOR, "[data-view]")
    added, removed = (code.find_element(By.CSS_SELECTOR, f"pre.code > .{kind}") for kind in "id")
    candidate.click()
    assert added.is_displayed() and not removed.is_displayed() and candidate.get_attribute("aria-pressed") == "true"
    slow.click()
    assert removed.is_displayed() and not added.is_displayed() and candidate.get_attribute("aria-pressed") == "false"
    difference.click()
    assert added.is_displayed() and removed.is_displayed()


def test_report_names_failing_tests_without_their_contents(browser: Browser, report: Path) -> None:
    browser.open(report)
    browser.choose("#outcome", "wrong")
    shown = next(number for number, pair in enumerate(browser.all("#pairs > details")) if pair.is_displayed())
    pair = open_pair(browser, shown)
    assert "number 1 (12 bytes of input, 13 bytes expected)" in pair.text
    assert "SECRET" not in pair.get_attribute("innerHTML")


def test_report_filters_and_sorts(browser: Browser, report: Path) -> None:
    browser.open(report)
    browser.choose("#find", "p00000_")
    shown = [pair for pair in browser.all("#pairs > details") if pair.is_displayed()]
    assert 0 < len(shown) < 40 and all("p00000_" in pair.text for pair in shown)
    assert browser.texts("#count") == [f"{len(shown)} of 40 pairs"]
    browser.choose("#find", "")
    for order, sign in (("fast", -1), ("slow", 1)):
        browser.choose("#order", order)
        speeds = [float(pair.get_attribute("data-speedup")) for pair in browser.all("#pairs > details")]
        assert speeds == sorted(speeds, key=lambda value: sign * value)
    browser.choose("#order", "split")
    assert [pair.get_attribute("data-number") for pair in browser.all("#pairs > details")] == [
        str(n) for n in range(40)
    ]


def test_report_works_by_keyboard_and_names_its_parts(browser: Browser, report: Path) -> None:
    from selenium.webdriver.common.keys import Keys

    browser.open(report)
    body = browser.all("body")[0]
    body.send_keys(Keys.TAB)
    assert browser.driver.switch_to.active_element.text == "Skip to the samples"
    browser.driver.switch_to.active_element.send_keys(Keys.ENTER)
    summary = browser.all("#pairs summary")[0]
    summary.send_keys(Keys.ENTER)
    pair = browser.all("#pairs > details")[0]
    browser.wait(lambda: bool(pair.find_elements(By.CSS_SELECTOR, ".sample")))
    assert all(image.get_attribute("aria-label") for image in browser.all("[role=img]"))
    assert all(
        table.find_elements(By.CSS_SELECTOR, "caption")
        for table in browser.all("main section table.wide, main section figure table")
    )
    assert browser.all("html")[0].get_attribute("lang") == "en"
    headings = [int(heading.tag_name[1]) for heading in browser.all("h1, h2, h3")]
    assert headings[0] == 1 and all(after <= before + 1 for before, after in pairwise(headings))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_report_can_be_read_in_light_and_dark(browser: Browser, report: Path, scheme: str) -> None:
    """Contrast of text and of muted text against the page, as WCAG 2 asks for (4.5)."""
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    try:
        browser.open(report)
        script = "return getComputedStyle(document.querySelector(arguments[0]))[arguments[1]]"
        page = luminance(browser.driver.execute_script(script, "body", "backgroundColor"))
        assert (page > 0.5) == (scheme == "light")
        for selector in ("body", ".muted", "caption", ".wrong, .failed, .compile, .nothing, h2", ".chart text"):
            attribute = "fill" if "text" in selector else "color"
            ink = luminance(browser.driver.execute_script(script, selector, attribute))
            assert (max(page, ink) + 0.05) / (min(page, ink) + 0.05) >= 4.5, selector
    finally:
        browser.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


def luminance(colour: str) -> float:
    parts = [float(part) / 255 for part in colour[colour.index("(") + 1 :].rstrip(")").split(",")[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_report_of_a_whole_benchmark_is_small_and_opens(browser: Browser, tmp_path: Path) -> None:
    """978 pairs with 8 candidates each. How fast it opens is decided by its size and by its few elements before
    anything is opened; the seconds themselves depend on the machine."""
    run, split = synthetic_run(pairs=978, k=8, problems=41, tests=5)
    path = tmp_path / "big.html"
    path.write_text(report_page(run, split.sources, Extras(split.sources)))
    assert path.stat().st_size < 15_000_000
    browser.open(path)
    assert len(browser.all("#pairs > details")) == 978
    assert browser.driver.execute_script("return document.getElementsByTagName('*').length") < 30_000
    assert len(open_pair(browser, 977).find_elements(By.CSS_SELECTOR, ".sample")) == 8


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> list[Bundle]:
    folder = tmp_path_factory.mktemp("bundles")
    other = {**FINGERPRINT, "sha256": "f" * 64}
    cases = [
        {"model": "slow", "luck": 0.1},
        {"model": "fast", "luck": 0.9, "strategy": "cot"},
        {"model": "medium <i>", "luck": 0.5},
        {"model": "elsewhere", "luck": 0.5, "fingerprint": other, "engine": "gem5", "toolchain": "paper"},
    ]
    for number, case in enumerate(cases):
        run, split = synthetic_run(pairs=30, k=8, problems=10, seed=number, **case)
        write_bundle(run, split, folder / f"{number}.zip")
    opened = [open_bundle(folder / f"{number}.zip") for number in range(len(cases))]
    write_verification(opened[1], Verification(opened[1].sha256, 12, 240, "2026-01-05T00:00:00+00:00", "0.1.0"))
    write_verification(opened[2], Verification("0" * 64, 12, 240, "2026-01-05T00:00:00+00:00", "0.1.0"))
    return opened


@pytest.fixture(scope="module")
def board(bundles: list[Bundle], tmp_path_factory: pytest.TempPathFactory) -> Path:
    site = tmp_path_factory.mktemp("site")
    reference = human_reference("pie_mini", bundles[0].about.split_sha256, [(2.0, 1.0, 0.5), (3.0, 1.0, 1.0)])
    assert reference == Reference("pie_mini", bundles[0].about.split_sha256, (2.5, 100.0), (3.5, 100.0))
    write_board(bundles, [reference], site)
    return site / "index.html"


def test_clocks_and_splits_never_share_a_table(bundles: list[Bundle]) -> None:
    tables = board_tables(bundles)
    names = {(table.split, table.clock_sha256, table.k): [row.model for row in table.rows] for table in tables}
    assert names[("pie_mini", FINGERPRINT["sha256"], 8)] == ["fast", "medium <i>", "slow"]
    assert names[("pie_mini", "f" * 64, 8)] == ["elsewhere"]
    published = [table for table in tables if table.split == "PIE test (published)"]
    assert {row.status for table in published for row in table.rows} == {"published"}
    assert all(row.status != "published" for table in tables if table not in published for row in table.rows)


def test_a_reference_of_the_same_clock_stands_among_the_submissions(bundles: list[Bundle]) -> None:
    about = bundles[0].about
    measured = human_reference(
        "pie_mini",
        about.split_sha256,
        [(2.0, 1.0, 0.5)],
        engine="cachegrind@host",
        clock_sha256=about.fingerprint["sha256"],
    )
    recorded = human_reference("pie_mini", about.split_sha256, [(3.0, 1.0, 1.0)])
    assert measured and recorded
    tables = board_tables(bundles, [measured, recorded])
    of = {
        (table.engine, table.k): [row.status for row in table.rows if row.model == "Human reference"]
        for table in tables
    }
    assert of["cachegrind@host", 8] == of["cachegrind@host", 1] == ["reference", "reference"]
    assert of["gem5@paper", 8] == []
    assert of["recorded in the data set", 1] == ["reference", "reference"]
    assert human_reference("pie_mini", about.split_sha256, [(3.0, None, 1.0)]) is None


def test_only_a_record_of_this_bundle_counts(bundles: list[Bundle]) -> None:
    status = {row.model: row.status for table in board_tables(bundles) if table.k == 8 for row in table.rows}
    assert (status["fast"], status["medium <i>"], status["slow"]) == ("verified", "not verified", "not verified")


def test_board_sorts(browser: Browser, board: Path) -> None:
    browser.open(board)
    table = next(
        table for table in browser.all("main section") if len(table.find_elements(By.CSS_SELECTOR, "tbody tr")) == 3
    )

    def models() -> list[str]:
        return [row.text for row in table.find_elements(By.CSS_SELECTOR, "tbody th")]

    names = models()
    buttons = table.find_elements(By.CSS_SELECTOR, "th button")
    buttons[0].click()
    assert models() == sorted(names)
    buttons[0].click()
    assert models() == sorted(names, reverse=True)
    buttons[3].click()
    values = [
        float(cell.get_attribute("data-value"))
        for cell in table.find_elements(By.CSS_SELECTOR, "tbody td:nth-child(5)")
    ]
    assert values == sorted(values, reverse=True)
    header = buttons[3].find_element(By.XPATH, "..")
    assert header.get_attribute("aria-sort") == "descending"


def test_board_filters(browser: Browser, board: Path) -> None:
    browser.open(board)
    everything = len(browser.texts("main section"))
    browser.choose("select[name=strategy]", "cot")
    rows = browser.texts("main tbody tr")
    assert rows and all("cot" in row for row in rows)
    browser.choose("select[name=strategy]", "")
    browser.choose("select[name=engine]", "gem5@paper")
    assert all("gem5@paper" in heading for heading in browser.texts("main h2"))
    browser.choose("select[name=engine]", "")
    browser.choose("select[name=k]", "1")
    assert all("best@1" in heading for heading in browser.texts("main h2"))
    browser.choose("select[name=k]", "")
    browser.choose("select[name=split]", "PIE test (published)")
    assert len(browser.texts("main h2")) == 2
    browser.choose("select[name=split]", "")
    browser.choose("input[name=model]", "gpt-4")
    assert all("GPT-4" in row for row in browser.texts("main tbody tr"))
    browser.choose("input[name=model]", "")
    assert len(browser.texts("main section")) == everything


def test_comparison_opens(browser: Browser, tmp_path: Path) -> None:
    first, second = (synthetic_run(pairs=30, problems=10, seed=seed)[0] for seed in (1, 2))
    (tmp_path / "compare.html").write_text(compare_page(compare_runs({"a": first, "b": second}), first))
    browser.open(tmp_path / "compare.html")
    assert browser.texts("tbody th") == ["%Optimized@4", "Speedup@4", "%Correct@4"]
