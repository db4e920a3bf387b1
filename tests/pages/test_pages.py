"""Every page, run as Streamlit runs it but without a browser."""

from pathlib import Path

import pytest
from files import csv_bytes
from running import metrics, said
from serving import ROOT
from streamlit.testing.v1 import AppTest

from data import store
from data.uploads.check import Sent, check_all, registers
from data.uploads.ledger import upload_together

PAGES = sorted(
    str(file.relative_to(ROOT / "pages"))
    for room in ("browse", "clerk", "admin")
    for file in (ROOT / "pages" / room).glob("*.py")
    if file.stem != "accounts"  # there are none on this computer only
)


def test_the_pages_are_there() -> None:
    """The pages that are visited below are all of them."""
    assert len(PAGES) >= 5


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_every_page_runs(run, case_copy: Path, page: str, language: str) -> None:
    """With data, each page shows something and no error, for each shape of period."""
    for period in ("2026Q3", "2026Q1-Q3", "2026") if language == "zh" else ("2026",):
        test = run(case_copy, page, lang=language, period=period, delegate="D00003")
        assert not test.exception
        assert not test.error
        assert test.title


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("page", PAGES)
def test_every_page_runs_on_an_empty_database(
    run, tmp_path: Path, page: str, language: str
) -> None:
    """Without data, each page says so in words (the upload page offers to upload)."""
    test = run(tmp_path / "empty.duckdb", page, lang=language)
    assert not test.exception
    assert not test.error
    assert test.info or test.caption


def test_overview_figures_are_the_worked_ones(run, case_copy: Path) -> None:
    """The key figures of the cases: mean score and households from the expected township table."""
    import pandas as pd

    expected = pd.read_csv(Path(__file__).parents[1] / "cases/expected-2026-townships.csv")
    mean = (expected["mean_score"] * expected["scored"]).sum() / expected["scored"].sum()
    test = run(case_copy, "browse/overview.py", period="2026")
    shown = metrics(test)
    assert shown["平均得分"] == f"{mean:.2f}"
    assert shown["有得分的代表（人）"] == f"{expected['scored'].sum():,}"
    assert shown["走访群众（户次）"] == f"{expected['households_visited'].sum():,}"
    assert shown["收集意见建议（条）"] == f"{expected['opinions'].sum():,}"
    assert shown["其中已办结（条）"] == f"{expected['opinions_closed'].sum():,}"
    active = (expected["active_share"] * expected["delegates"]).sum() / expected["delegates"].sum()
    assert shown["有履职记录的代表"] == f"{active:.1%}"


def test_delegate_shows_the_worked_score_grade_and_rank(run, case_copy: Path) -> None:
    """Score, grade and rank on the delegate's page are the expected ones."""
    import pandas as pd

    expected = pd.read_csv(Path(__file__).parents[1] / "cases/expected-2026.csv")
    for row in expected[expected["rank"].notna()].iloc[::15].itertuples():
        test = run(case_copy, "browse/delegate.py", period="2026", delegate=row.delegate_id)
        shown = metrics(test)
        peers = ((expected["level"] == row.level) & expected["rank"].notna()).sum()
        assert shown["得分"] == f"{row.score:.2f}"
        assert shown["等次"] == row.grade
        assert shown["同级名次"] == f"{int(row.rank)} / {peers}"


ROSTER = [
    ["代表编号", "姓名", "层级", "镇街", "任职起", "任职止"],
    ["T1", "甲", "县级", "东镇", "2026-01-01", ""],
]


def office(path: Path, roster: list[list[str]], activities: list[tuple[str, str]]) -> Path:
    """A small office's database: townships of the roster, activities as (delegate, date)."""
    house = store.open_store(path)
    homes = sorted({line[3] for line in roster[1:]})
    files = [
        Sent("townships.csv", csv_bytes([["镇街", "类型"], *([home, "镇"] for home in homes)])),
        Sent("delegates.csv", csv_bytes(roster)),
    ]
    by_quarter: dict[str, list[list[str]]] = {}
    for delegate, day in activities:
        quarter = f"{day[:4]}Q{(int(day[5:7]) + 2) // 3}"
        by_quarter.setdefault(quarter, []).append([delegate, "入户走访", day, "2"])
    files += [
        Sent(f"{quarter}.csv", csv_bytes([["代表编号", "类型", "日期", "数量"], *lines]))
        for quarter, lines in by_quarter.items()
    ]
    receipts = upload_together(house, check_all(files, registers(house)))
    assert {receipt.outcome for receipt in receipts} == {"stored"}
    house.close()
    return path


@pytest.mark.parametrize("page", PAGES)
def test_a_new_term_has_no_period_before(run, tmp_path: Path, page: str) -> None:
    """The quarter before has an upload, but nobody was in office yet: no change is shown."""
    path = office(tmp_path / "a.duckdb", ROSTER, [("T1", "2025-12-01"), ("T1", "2026-02-01")])
    for period in ("2026Q1", "2025Q4"):
        test = run(path, page, period=period, delegate="T1")
        assert not test.exception
        assert not test.error


@pytest.mark.parametrize("page", PAGES)
def test_one_township_and_a_gap_between_quarters(run, tmp_path: Path, page: str) -> None:
    """A first trial with one township, and a year with a quarter missing, show what there is."""
    one = office(tmp_path / "one.duckdb", ROSTER, [("T1", "2026-02-01"), ("T1", "2026-08-01")])
    gap = office(
        tmp_path / "gap.duckdb",
        [*ROSTER, ["T2", "乙", "乡镇级", "西镇", "2026-04-01", "2026-06-30"]],
        [("T1", "2026-02-01"), ("T1", "2026-08-01")],
    )
    for path in (one, gap):
        chosen = ({"a": "西镇"}, {"b": "西镇"}) if page.endswith("townships.py") else ()
        for parameters in ({}, *chosen):
            test = run(path, page, period="2026Q1-Q3", delegate="T1", **parameters)
            assert not test.exception
            assert not test.error


ALONE = {
    "activities": ["代表编号,类型,日期", "T1,接待选民,2026-07-01"],
    "attendance": ["活动号,活动类型,日期,代表编号,结果", "H1,会议,2026-07-01,T1,出席"],
    "opinions": ["编号,代表编号,收集日期,诉求", "O1,T1,2026-07-01,路灯"],
    "suggestions": [
        "建议号,标题,领衔代表编号,提出日期,交办日期",
        "S1,修路,T1,2026-07-01,2026-07-02",
    ],
    "duty_reports": ["代表编号,日期,到会选民", "T1,2026-07-01,9"],
    "adjustments": ["代表编号,日期,类型,分值,依据,批准人", "T1,2026-07-01,加分,1,表彰,会议"],
    "issues": ["编号,主题,发现渠道,发现日期", "W1,碧水,代表暗访,2026-07-01"],
    "guidance": ["日期,领导,镇街,检查项", "2026-07-01,周,东镇,点位"],
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "township"), [*((name, "东镇") for name in ALONE), ("activities", "")]
)
def test_pages_of_an_office_that_has_sent_one_file(
    run, tmp_path: Path, name: str, township: str
) -> None:
    """On its first day an office has the registers and one row of one format, and its delegates
    perhaps no township yet: no page fails for what is not there.
    """
    path = tmp_path / "office.duckdb"
    house = store.open_store(path)
    roster = ["代表编号,姓名,层级,镇街,任职起", f"T1,甲,乡镇级,{township},2022-01-01"]
    files = [["镇街,类型", "东镇,镇"], roster, ALONE[name]]
    checked = check_all(
        [Sent(f"{n}.csv", "\n".join(lines).encode()) for n, lines in enumerate(files)],
        registers(house),
    )
    assert {r.outcome for r in upload_together(house, checked)} == {"stored"}
    house.close()
    for page in PAGES:
        test = run(path, page, delegate="T1")
        assert not test.exception, page
        assert not test.error, page
    for kind in ("suggestions", "opinions"):
        assert not run(path, "browse/matters.py", kind=kind).exception


def press(test: AppTest, label: str) -> None:
    [button] = [button for button in test.button if button.label == label]
    button.click().run()


def test_what_was_cut_short_is_told_until_it_is_read(run, case_copy: Path) -> None:
    """After a crash the history names the files that are not in, until the clerk has read it."""
    house = store.use(case_copy)
    lost = {"filename": "丢.csv", "checksum": "0", "format": "activities", "quarter": "2026Q3"}
    house.journal.begun("job", "王", [lost])
    house.close()
    store._open.clear()
    test = run(case_copy, "clerk/history.py")
    assert "王 的入库中途断开。没有入库，请重新上传：丢" in said(test)
    press(test, "知道了")
    assert "中途断开" not in said(test)


def test_undo_on_the_page(run, case_copy: Path) -> None:
    """An undo says what it would do and wants a name and a reason; what it did is said, and the
    ranking is the one without those rows. A roster that records need is not let go.
    """
    test = run(case_copy, "clerk/history.py", upload="2")
    press(test, "撤销这次上传…")
    assert "的记录要用到这里的代表或镇街，请先撤销这些上传" in said(test)
    [(number, rows)] = list(
        store.store()
        .query("select upload_id, rows from uploads where format = 'activities' order by 1 limit 1")
        .itertuples(index=False, name=None)
    )
    before = store.version()
    test = run(case_copy, "clerk/history.py", upload=str(number))
    press(test, "撤销这次上传…")
    assert f"不再计入 {rows} 行" in said(test)
    assert "排名的影响" in said(test)
    [button] = [button for button in test.button if button.label == "撤销这次上传"]
    assert button.disabled
    for label, text in (("经办人", "王小明"), ("原因", "传错了文件")):
        [box] = [box for box in test.text_input if box.label == label]
        box.set_value(text).run()
    press(test, "撤销这次上传")
    assert f"第 {number} 号上传已撤销：{rows} 行不再计入，0 行重新有效。" in said(test)
    assert store.version() == before + 1
    past = store.store().query(f"select state from uploads where upload_id = {number}")
    assert past["state"].tolist() == ["reverted"]
