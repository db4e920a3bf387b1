"""The sample county: what was published about it can be read back from its files."""

import hashlib
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from data import sample
from data.sample.county import county
from data.sample.files import SampleFile
from data.sample.vocabulary import TOWNSHIPS
from data.store import Store, open_store
from data.uploads.check import Sent, check_all, registers
from data.uploads.formats import CHANNELS, FORMATS, GUIDANCE_ITEMS, RETURNED
from data.uploads.ledger import upload_together

TODAY = pd.Timestamp(2026, 11, 22)
FIVE = ["has_venue", "has_equipment", "has_delegates", "has_rules", "has_records"]


@pytest.fixture(scope="module")
def files() -> list[SampleFile]:
    """The files of the county in full size."""
    return county()


def frame(files: list[SampleFile], name: str, each: bool = False) -> pd.DataFrame:
    """What a format's files say in the end, or ``each`` time: empty cells missing, days as days.

    ``upload`` is the quarter of the file that a row comes from.
    """
    fmt = FORMATS[name]
    names = [column.name for column in fmt.columns]
    rows = pd.concat(
        pd.DataFrame(file.rows, columns=names, dtype="str").assign(upload=file.quarter)
        for file in files
        if file.format == name
    ).replace("", pd.NA)
    if fmt.key and not each:
        rows = rows.drop_duplicates(list(fmt.key), keep="last")
    for column in fmt.columns:
        if column.kind == "date":
            rows[column.name] = pd.to_datetime(rows[column.name])
        elif column.kind in ("integer", "number"):
            rows[column.name] = pd.to_numeric(rows[column.name])
    return rows.reset_index(drop=True)


def quarters(days: "pd.Series[pd.Timestamp]") -> "pd.Series[str]":
    return days.dt.year.astype("str") + "Q" + days.dt.quarter.astype("str")


def one(database: Path, sql: str) -> object:
    with duckdb.connect(database, read_only=True) as connection:
        row = connection.execute(sql).fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize(
    ("sql", "low", "high"),
    [
        ("select count(*) from delegates", 968, 968),
        ("select count(*) from townships", 18, 18),
        ("select count(distinct (year(date), quarter(date))) from activities", 15, 15),
        (
            "select count(*) from opinions where campaign = '共同缔造' and year(date) = 2023"
            " and outcome = '已解决' and year(closed) = 2023",
            470,
            470,
        ),
        (
            "select count(*) from activities join delegates using (delegate_id)"
            " where delegates.township = '丹赵路街道' and year(date) = 2023"
            " and activities.kind = '接待选民' and status <> '已退回'",
            21,
            29,
        ),
        (
            "select count(*) from opinions join delegates using (delegate_id)"
            " where delegates.township = '丹赵路街道' and year(date) = 2023",
            52,
            52,
        ),
        ("select count(*) from stations", 106, 106),
        ("select sum(funding_10k)::integer from stations", 428, 428),
        ("select count(*) from delegates semi join stations using (station_id)", 968, 968),
        ("select count(*) from assignments", 18 + 73, 18 + 73),
        ("select count(*) from plan where indicator is not null", 37, 37),
        (
            "select count(*) from issues where campaign = '守护一泓碧水' and year(date) = 2023"
            " and fixed <= due",
            283,
            283,
        ),
        ("select count(*) from supervised", 23 + 538 + 51 + 126 + 234, 972),
        ("select count(distinct item) from guidance", 5, 5),
    ],
)
def test_published_totals(sample_database: Path, sql: str, low: int, high: int) -> None:
    """The totals that the congress published hold after loading through the upload path."""
    found = one(sample_database, sql)
    assert isinstance(found, int)
    assert low <= found <= high


def test_nothing_but_files(sample_database: Path) -> None:
    """Every stored row came from a file of the ledger, and some were updated by later files."""
    with duckdb.connect(sample_database, read_only=True) as connection:
        formats = connection.execute("select distinct format from uploads").fetchall()
        for (name,) in formats:
            stray = f"select count(*) from stored_{name} anti join uploads using (upload_id)"
            assert connection.execute(stray).fetchall() == [(0,)]
        [(added, changed)] = connection.execute(
            "select sum(added), sum(changed) from uploads"
        ).fetchall()
        assert min(added, changed) > 0
    assert one(sample_database, "select sample from house") == "loaded"


def test_deterministic() -> None:
    """The same number of delegates gives the same bytes."""
    first, second = county(60), county(60)
    assert [(f.name, f.content()) for f in first] == [(f.name, f.content()) for f in second]


def test_clean(tmp_path: Path) -> None:
    """No file of the sample has an error or a warning: it is what a careful office sends."""
    store = open_store(tmp_path / "sample.duckdb")
    sent = [Sent(file.name, file.content()) for file in county(36)]
    receipts = upload_together(store, check_all(sent, registers(store)))
    store.close()
    problems = [p for r in receipts for p in r.problems if p.level != "note"]
    assert [(p.code, p.row) for p in problems] == []
    assert {r.outcome for r in receipts} == {"stored"}


def rows(store: Store) -> int:
    return int(store.query("select sum(added) as added from uploads")["added"].iloc[0])


def test_from_cut_short_to_left(tmp_path: Path) -> None:
    """A load that was cut short goes on where it stopped; only a sample can be emptied."""
    store = open_store(tmp_path / "sample.duckdb")

    def stop(share: float) -> None:
        if share > 0.3:
            raise InterruptedError

    sample.begin(store)
    with pytest.raises(InterruptedError):
        sample.load(store, 36, stop)
    assert store.sample == "loading"
    half = rows(store)
    sample.load(store, 36)
    sample.finish(store)
    assert store.sample == "loaded"
    assert half < rows(store)
    doubles = "select count(*) as n from uploads group by checksum having n > 1"
    assert store.query(doubles).empty

    version = store.version
    sample.leave(store)
    assert (store.sample, store.version) == (None, version + 1)
    assert store.query("select * from delegates").empty
    assert store.query("select * from uploads").empty
    with pytest.raises(ValueError, match="sample"):
        sample.leave(store)
    store.close()


# What was there before stations, plans and campaigns were


def test_older_figures_stay(files: list[SampleFile]) -> None:
    """What was told of the county before it had stations is the same to the letter: scores,
    screenshots and the figures in the README hang on it.
    """
    later = ("stations", "assignments", "plan", "supervised", "issues", "guidance")
    told = hashlib.sha256()
    for file in files:
        if file.format not in later:
            told.update(f"{file.name} {file.encoding}".encode())
            at = [i for i, c in enumerate(FORMATS[file.format].columns) if c.name != "station_id"]
            told.update(repr([[row[i] for i in at] for row in file.rows]).encode())
    assert told.hexdigest() == "4f798aae4870c714e00629c19bdebf1080104b63b01030871125064d4436c66e"


# Stations


def test_published_network(files: list[SampleFile]) -> None:
    """One centre, 18 家, 56 站, 31 点, each below the next; 400-odd 万元 over two rounds."""
    stations = frame(files, "stations")
    assert stations["kind"].value_counts().to_dict() == {
        "服务中心": 1,
        "代表之家": 18,
        "联络站": 56,
        "联系点": 31,
    }
    assert stations["name"].is_unique
    above = stations.merge(
        stations, left_on="parent_id", right_on="station_id", suffixes=("", "_above"), how="left"
    )
    assert set(zip(above["kind"], above["kind_above"].fillna(""), strict=True)) == {
        ("服务中心", ""),
        ("代表之家", "服务中心"),
        ("联络站", "代表之家"),
        ("联系点", "联络站"),
    }
    within = above[above["kind"].isin(["联络站", "联系点"])]
    assert (within["township"] == within["township_above"]).all()
    assert 400 < stations["funding_10k"].sum() < 500
    assert stations["upgrade_round"].dropna().unique().tolist() == [1, 2]
    assert stations.loc[stations["upgrade_round"].isna(), "funding_10k"].isna().all()


def test_first_full_coverage(files: list[SampleFile]) -> None:
    """Every township has its 家 and a 站."""
    stations = frame(files, "stations")
    for kind in ("代表之家", "联络站"):
        assert set(stations.loc[stations["kind"] == kind, "township"]) == {
            t.name for t in TOWNSHIPS
        }


def test_second_full_coverage(files: list[SampleFile]) -> None:
    """Each of the 968 delegates is placed in a 站 or the 家 of their township; no 站 is without."""
    stations, delegates = frame(files, "stations"), frame(files, "delegates")
    placed = delegates.merge(stations, on="station_id", suffixes=("", "_of_station"))
    assert len(placed) == len(delegates) == 968
    assert (placed["township"] == placed["township_of_station"]).all()
    assert set(placed["kind"]) == {"联络站", "代表之家"}
    of_groups = placed[placed["level"].isin(["县级", "乡镇级"])]
    assert (of_groups.groupby("group_name")["station_id"].nunique() == 1).all()
    offered = stations.loc[stations["kind"] == "联络站", "station_id"]
    assert set(offered) <= set(placed["station_id"])


def test_five_have(files: list[SampleFile]) -> None:
    """Most stations have the five; some lack or do not say, the contact points most often."""
    stations = frame(files, "stations")
    answers = stations.set_index("kind")[FIVE]
    told = answers.stack(future_stack=True).value_counts(normalize=True, dropna=False)
    assert told["是"] > 0.85
    assert min(told["否"], told[pd.NA]) > 0
    lacking = (answers != "是").fillna(True).groupby("kind").mean().mean(axis="columns")
    assert lacking["联系点"] > lacking["联络站"] > lacking["代表之家"] >= lacking["服务中心"]


def test_where_delegates_work(files: list[SampleFile]) -> None:
    """Voters are received at stations, households visited at home; all in one's own township."""
    stations = frame(files, "stations").set_index("station_id")
    activities = frame(files, "activities")
    at_a_station = activities["station_id"].notna().groupby(activities["kind"]).mean()
    assert at_a_station["接待选民"] > 0.9
    assert at_a_station[["政策宣讲", "主题活动", "小组活动"]].between(0.3, 0.8).all()
    assert at_a_station[["入户走访", "履职笔记"]].eq(0).all()
    used = activities.dropna(subset="station_id")
    home = used["station_id"].map(stations["township"])
    assert (home.isna() | (home == used["township"])).all()
    assert set(used["station_id"]) == set(stations.index)


def test_silent_stations(files: list[SampleFile]) -> None:
    """In most quarters a few 站 and 点 are silent, never many, and never a 家 for long."""
    stations = frame(files, "stations").set_index("station_id")
    used = frame(files, "activities").dropna(subset="station_id")
    used = used.assign(quarter=quarters(used["date"]))
    kinds = stations["kind"]
    silent = {
        quarter: kinds.drop(index=pd.unique(of_quarter["station_id"]))
        for quarter, of_quarter in used.groupby("quarter")
    }
    assert len(silent) == 15
    assert all(len(idle) < 0.15 * len(stations) for idle in silent.values())
    assert sum(1 for idle in silent.values() if (idle == "联络站").any()) > 12
    assert all((idle == "代表之家").sum() <= 2 for idle in silent.values())


# Who looks after what, and the plan


def test_assignments(files: list[SampleFile]) -> None:
    """Leaders look after the townships that the register says; every 代表小组 has one member of
    the standing committee, nobody more than two.
    """
    assigned = frame(files, "assignments")
    townships = frame(files, "townships")
    of_townships = assigned[assigned["unit_kind"] == "镇街"]
    assert sorted(zip(of_townships["unit"], of_townships["leader"], strict=True)) == sorted(
        zip(townships["township"], townships["leader"], strict=True)
    )
    delegates = frame(files, "delegates")
    of_groups = assigned[assigned["unit_kind"] == "代表小组"]
    assert sorted(of_groups["unit"]) == sorted(delegates["group_name"].unique())
    members = delegates[(delegates["role"] == "常委会组成人员") & delegates["end_date"].isna()]
    assert set(of_groups["leader"]) <= set(members["name"])
    assert of_groups["leader"].value_counts().max() == 2
    people = delegates.drop_duplicates(["name", "person_id"])["name"].value_counts()
    assert (people[of_groups["leader"]] == 1).all()


def done(files: list[SampleFile]) -> pd.DataFrame:
    """What was done in a year for the indicators that are counted: indicator, year, amount."""
    activities = frame(files, "activities")
    activities = activities[activities["status"].fillna("") != RETURNED]
    activities["quantity"] = activities["quantity"].fillna(1)
    attendance = frame(files, "attendance")
    present = attendance[attendance["result"] == "出席"]
    kinds = {"接待选民": "接待选民", "政策宣讲": "政策宣讲", "主题活动": "主题活动"}
    events = {
        "视察": "视察、执法检查",
        "执法检查": "视察、执法检查",
        "专题调研": "专题调研",
        "学习培训": "学习培训",
    }
    counted = [
        activities.assign(indicator=activities["kind"].map(kinds), amount=1.0),
        activities[activities["kind"] == "入户走访"].assign(
            indicator="入户走访", amount=lambda rows: rows["quantity"].astype("float")
        ),
        frame(files, "opinions").assign(indicator="收集意见建议", amount=1.0),
        frame(files, "duty_reports").assign(indicator="向选民述职", amount=1.0),
        frame(files, "suggestions").assign(indicator="提出建议", amount=1.0),
        present.assign(indicator=present["event_kind"].map(events), amount=1.0),
    ]
    every = pd.concat([rows[["indicator", "date", "amount"]] for rows in counted])
    every["year"] = every["date"].dt.year
    return every.groupby(["indicator", "year"], as_index=False)["amount"].sum()


CODES = {
    "household_visit": "入户走访",
    "duty_report": "向选民述职",
    "survey": "专题调研",
    "suggestion_filed": "提出建议",
    "inspection": "视察、执法检查",
    "attend_session": "出席会议",
}


def test_plan(files: list[SampleFile]) -> None:
    """About ten tasks a year, most of them measured; some reached, some not, none absurd."""
    plan = frame(files, "plan")
    assert plan.groupby("year").size().between(9, 12).all()
    assert (
        plan.groupby("year")["indicator"]
        .apply(lambda said: said.isna().sum())
        .eq([2, 1, 1, 1])
        .all()
    )
    assert (plan["due"].dt.year == plan["year"]).all()
    assert plan["lead"].nunique() > 3
    measured = plan.assign(indicator=plan["indicator"].replace(CODES)).merge(
        done(files), on=["indicator", "year"]
    )
    assert measured.groupby("year").size().tolist() == [7, 8, 8, 9]
    measured["share"] = measured["amount"] / measured["target"]
    past = measured[measured["year"] < 2026]
    assert past["share"].between(0.75, 1.25).all()
    assert past["share"].ge(1).groupby(past["year"]).mean().between(0.5, 0.8).all()
    current = measured.loc[measured["year"] == 2026, "share"]
    assert current.between(0.4, 1.1).all()
    assert ((current >= 1).any(), (current < 0.7).any()) == (True, True)


# Campaigns


def test_published_problems(files: list[SampleFile]) -> None:
    """From 2023Q3 to 2023Q4 five channels found 283 problems; each was fixed within its limit."""
    issues = frame(files, "issues")
    water = issues[issues["campaign"] == "守护一泓碧水"]
    found = water[water["date"] <= "2023-12-31"]
    assert len(found) == 283
    assert set(quarters(found["date"])) == {"2023Q3", "2023Q4"}
    assert set(found["channel"]) == {"集中视察", "执法检查", "专题调研", "代表暗访", "代表行动"}
    assert (found["fixed"] <= found["due"]).all()
    assert (found["date"] < found["fixed"]).all()
    assert issues["date"].min() == found["date"].min()
    assert issues["taskforce"].nunique() == 5


def test_later_problems(files: list[SampleFile]) -> None:
    """Afterwards fewer are found, the cameras find some too; most are fixed in time, some late,
    a few are overdue, some still have time.
    """
    issues = frame(files, "issues")
    later = issues[issues["date"] >= "2024-01-01"]
    water = later[later["campaign"] == "守护一泓碧水"]
    assert water.groupby(quarters(water["date"])).size().between(15, 70).all()
    assert set(water["channel"]) == set(CHANNELS)
    assert set(later["campaign"]) == {"守护一泓碧水", "共同缔造"}
    in_time = later["fixed"] <= later["due"]
    late = later["fixed"] > later["due"]
    overdue = later["fixed"].isna() & (later["due"] < TODAY)
    assert in_time.mean() > 0.8
    assert late.sum() > 20
    assert 3 <= overdue.sum() <= 12
    open_still = later[later["fixed"].isna() & ~overdue]
    assert set(quarters(open_still["date"])) == {"2026Q3"}
    assert later["due"].sub(later["date"]).dt.days.isin([15, 30, 60, 90]).all()


@pytest.mark.parametrize("name", ["issues", "guidance"])
def test_fixes_come_later(files: list[SampleFile], name: str) -> None:
    """What is mended after its quarter was uploaded comes again in a later file, with the day."""
    rows = frame(files, name, each=True)
    key = list(FORMATS[name].key)
    again = rows[rows.duplicated(key, keep=False)].sort_values("upload", kind="stable")
    told = again.groupby(key, dropna=False)
    assert told.ngroups > 40
    assert (told.size() == 2).all()
    first, last = again[~again.duplicated(key)], again[~again.duplicated(key, keep="last")]
    assert first["fixed"].isna().all()
    assert (first["upload"] == quarters(first["date"])).all()
    assert (last["upload"] > quarters(last["date"])).all()
    assert last["fixed"].notna().all()


def test_supervised(files: list[SampleFile]) -> None:
    """The objects of supervision are as many as were published, each with its number."""
    supervised = frame(files, "supervised")
    assert supervised["kind"].value_counts().to_dict() == {
        "监测断面": 23,
        "排污口": 538,
        "入库河流": 51,
        "在线监控企业": 126,
        "监控探头": 234,
    }
    assert supervised["object_id"].is_unique
    assert not supervised.duplicated(["kind", "name", "township"]).any()
    assert supervised[["method", "status"]].notna().all().all()
    somewhere = supervised["township"].notna().groupby(supervised["kind"]).mean()
    assert somewhere[["排污口", "在线监控企业", "监控探头"]].eq(1).all()
    assert (supervised.groupby("kind")["status"].nunique() > 1).all()


def test_guidance(files: list[SampleFile]) -> None:
    """Each leader visits stations of their own townships; about a quarter of what they check has a
    finding, most are mended, some in a later quarter, some not yet.
    """
    guidance = frame(files, "guidance")
    leaders = frame(files, "townships").set_index("township")["leader"]
    assert (guidance["township"].map(leaders) == guidance["leader"]).all()
    assert set(guidance["leader"]) == set(leaders)
    stations = frame(files, "stations").set_index("station_id")["township"]
    home = guidance["station_id"].map(stations)
    assert (home.isna() | (home == guidance["township"])).all()
    assert set(guidance["item"]) == set(GUIDANCE_ITEMS)
    assert set(quarters(guidance["date"])) == {file.quarter for file in files if file.quarter}
    findings = guidance[guidance["finding"].notna()]
    assert 0.2 < len(findings) / len(guidance) < 0.3
    assert 0.8 < findings["fixed"].notna().mean() < 0.97
    assert guidance.loc[guidance["finding"].isna(), "fixed"].isna().all()
    mended = findings.dropna(subset="fixed")
    assert (mended["upload"] > quarters(mended["date"])).sum() > 20


# Other sizes


@pytest.mark.parametrize(
    ("delegates", "seed"), [(36, 20211220), (37, 1), (61, 2), (240, 3), (1500, 4)]
)
def test_other_sizes(delegates: int, seed: int) -> None:
    """Whatever the size and the seed, the network covers everybody and the campaigns are whole; a
    larger county has no more places than the real one.
    """
    files = county(delegates, seed)
    stations = frame(files, "stations").set_index("station_id")
    placed = frame(files, "delegates")
    assert (placed["station_id"].map(stations["township"]) == placed["township"]).all()
    assert stations["name"].is_unique
    kinds = stations["kind"].value_counts()
    assert (kinds["服务中心"], kinds["代表之家"]) == (1, 18)
    assert kinds["联络站"] == max(18, round(56 * min(1, delegates / 968)))
    assert kinds["联系点"] == max(1, round(31 * min(1, delegates / 968)))
    issues = frame(files, "issues")
    found = issues[(issues["campaign"] == "守护一泓碧水") & (issues["date"] < "2024-01-01")]
    assert len(found) == round(283 * delegates / 968)
    assert set(found["channel"]) == set(CHANNELS[:5])
    assert (found["fixed"] <= found["due"]).all()
    assert issues["taskforce"].nunique() == 5
    assert frame(files, "supervised")["kind"].nunique() == 5
    assigned = frame(files, "assignments")
    groups = assigned.loc[assigned["unit_kind"] == "代表小组", "unit"]
    assert sorted(groups) == sorted(placed["group_name"].unique())
    assert (frame(files, "plan")["target"] >= 1).all()


def test_order_of_files(files: list[SampleFile]) -> None:
    """Registers come first, each after what it refers to; the campaigns and the visits are the
    committee's own, one file a quarter.
    """
    assert [file.format for file in files if file.quarter is None] == [
        "townships",
        "stations",
        "delegates",
        "assignments",
        "plan",
        "supervised",
    ]
    told = [file.quarter for file in files if file.quarter]
    assert told == sorted(told)
    for name, first in (("issues", "2023Q3"), ("guidance", "2023Q1")):
        own = [file.quarter for file in files if file.format == name]
        assert own == [quarter for quarter in dict.fromkeys(told) if quarter >= first]
