"""A database that the program before undo has written is brought up to date, and nothing moves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
from files import OPINIONS, registers_of_two_townships, sheet

from data import scheme
from data.store import MIGRATIONS, Store, open_store
from data.uploads import tables
from data.uploads.check import Sent, check_all, registers
from data.uploads.formats import FORMATS, Format
from data.uploads.ledger import Receipt, StillNeeded, reverse, upload_together

HEADER = "代表编号,类型,日期,内容"
TWICE = "007,接待选民,2026-07-01,修路"
# Each file as it was sent, and the rows of it (from 2) that the old program kept: those that were
# new or changed.
FILES: list[tuple[str, str | None, Sent, list[int]]] = [
    ("townships", None, registers_of_two_townships()[0], [2, 3]),
    ("delegates", None, registers_of_two_townships()[1], [2, 3, 4, 5]),
    ("activities", "2026Q3", sheet(HEADER, TWICE, TWICE, "D2,入户走访,2026-07-02,"), [2, 3, 4]),
    (
        "activities",
        "2026Q3",
        sheet(HEADER, *[TWICE] * 3, "D2,入户走访,2026-07-02,", "D3,主题活动,2026-07-03,NA"),
        [4, 6],
    ),
    ("opinions", "2026Q2", sheet(OPINIONS, "O1,007,2026-04-01,路灯,,", "O2,D2,2026-04-02,井盖,,"), [2, 3]),
    (
        "opinions",
        "2026Q3",
        sheet(OPINIONS, "O1,007,2026-04-01,路灯,2026-07-09,已解决", "O2,D2,2026-04-02,井盖,,", "O3,D3,2026-07-01,路,,"),
        [2, 4],
    ),
    (
        "delegates",
        None,
        sheet("代表编号,姓名,层级,镇街,任职起,任职止", "D2,李四,乡镇级,龙山镇,2021-12-20,2026-05-01"),
        [2],
    ),
    (
        "suggestions",
        "2026Q3",
        sheet("建议号,标题,领衔代表编号,附议代表编号,提出日期", "S1,修路,007,D2；D3,2026-07-01"),
        [2],
    ),
]  # fmt: skip


def old_table(fmt: Format) -> str:
    columns = "".join(
        f", {c.name} {c.sql_type}{' not null' if c.required else ''}" for c in fmt.columns
    )
    return (
        f"create table stored_{fmt.name} (upload_id integer not null, row_number bigint not null,"
        f" fingerprint varchar not null{columns})"
    )


# The formats of that program.
THEN = [
    FORMATS[name]
    for name in (
        *("townships", "delegates", "activities", "attendance"),
        *("opinions", "suggestions", "duty_reports", "adjustments"),
    )
]


def old_view(fmt: Format) -> str:
    latest = (
        f" qualify row_number() over (partition by {', '.join(fmt.key)}"
        " order by upload_id desc, row_number desc) = 1"
    )
    return (
        f"create view {fmt.name} as select * from stored_{fmt.name} semi join"
        " (select upload_id from uploads where state = 'stands') using (upload_id)"
        f"{latest if fmt.key else ''}"
    )


def shown(cursor: duckdb.DuckDBPyConnection | Store) -> dict[str, list[str]]:
    """Of each view the rows: where each came from, and its cells."""
    found = {}
    for fmt in THEN:
        columns = ", ".join(["upload_id", "row_number", *(c.name for c in fmt.columns)])
        sql = f"select {columns} from {fmt.name} order by all"
        frame = cursor.query(sql) if isinstance(cursor, Store) else cursor.execute(sql).df()
        found[fmt.name] = [str(row) for row in frame.to_dict("records")]
    return found


@pytest.fixture
def old(tmp_path: Path) -> tuple[Path, dict[str, list[str]]]:
    """The database as the old program left it, and what its views showed."""
    scratch = open_store(tmp_path / "scratch" / "scratch.duckdb")
    path = tmp_path / "office.duckdb"
    with duckdb.connect(path) as old:
        old.execute("create table migrations (number integer primary key, name varchar not null)")
        for number, name in ((1, "0001_ledger"), (2, "0002_scheme")):
            old.execute((MIGRATIONS / f"{name}.sql").read_text("utf-8"))
            old.execute("insert into migrations values (?, ?)", [number, name])
        for fmt in THEN:
            old.execute(old_table(fmt))
            old.execute(old_view(fmt))
        for table, rows in scheme.load().tables.items():
            old.append(table, rows, by_name=True)
        for number, (name, quarter, sent, kept) in enumerate(FILES, 1):
            fmt = FORMATS[name]
            [checked] = check_all([sent], registers(scratch))
            assert [r.outcome for r in upload_together(scratch, [checked])] == ["stored"]
            assert checked.rows is not None
            assert str(checked.quarter or None) == str(quarter)
            # That program had fingerprints of its own making.
            rows = checked.rows.loc[kept].assign(
                upload_id=number,
                row_number=kept,
                fingerprint=[f"old {print_}" for print_ in checked.rows.loc[kept, "fingerprint"]],
            )
            old.append(f"stored_{name}", rows, by_name=True)
            entry = [number, name, quarter, sent.filename, sent.checksum, len(sent.content)]
            counts = [len(checked.rows), len(kept), 0, len(checked.rows) - len(kept)]
            old.execute(
                "insert into uploads values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'stands', '2026-10-01')",
                [*entry, *counts],
            )
        old.execute("update house set data_version = 9")
        found = shown(old)
    scratch.close()
    return path, found


@pytest.fixture
def house(old: tuple[Path, dict[str, list[str]]]) -> Iterator[Store]:
    opened = open_store(old[0], create=False)
    yield opened
    opened.close()


def upload(house: Store, *files: Sent) -> list[Receipt]:
    return upload_together(house, check_all(files, registers(house)))


def texts(house: Store, sql: str) -> list[tuple[object, ...]]:
    frame = house.query(sql).astype("object")
    return list(frame.where(frame.notna(), None).itertuples(index=False, name=None))


def test_the_same_rows_stand(old: tuple[Path, dict[str, list[str]]], house: Store) -> None:
    """What the old views showed is what stands, row by row; opening once more changes nothing."""
    assert [len(rows) for rows in old[1].values()] == [2, 4, 5, 0, 3, 1, 0, 0]
    assert shown(house) == old[1]
    assert house.version == 9
    house.close()
    before = old[0].read_bytes()
    again = open_store(old[0])
    assert shown(again) == old[1]
    again.close()
    assert old[0].read_bytes() == before


def test_the_ledger_fits(house: Store) -> None:
    """What each upload keeps is counted, and its digest is that of the cells."""
    ledger = house.query("select upload_id, kept, digest from uploads order by 1")
    assert ledger["kept"].tolist() == [len(kept) for *_, kept in FILES]
    every = {f"stored_{name}" for name in FORMATS}
    for tally in (tables.tallies(every), tables.recomputed()):
        found = house.query(f"from ({tally}) order by 1")
        assert found.to_dict("records") == ledger.to_dict("records")


def test_the_same_files_again(old: tuple[Path, dict[str, list[str]]], house: Store) -> None:
    """Each file as it was sent is known; written otherwise it may be on record, but of its rows
    none comes a second time. (The first roster would be news again: a register's latest counts.)
    """
    for _, _, sent, _ in FILES[:1] + FILES[2:]:
        assert [r.outcome for r in upload(house, sent)] == ["unchanged"]
    assert house.version == 9
    for _, _, sent, _ in FILES[2:4]:
        other = Sent(sent.filename, sent.content.decode().encode("gb18030"))
        [receipt] = upload(house, other)
        assert (receipt.added, receipt.changed) == (0, 0)
    assert shown(house) == old[1]


def test_undo(old: tuple[Path, dict[str, list[str]]], house: Store) -> None:
    """An upload of the old program can be taken back and put in force again."""
    done = reverse(house, 6, "undo", "传错了", "王")
    assert (done.gone, done.back) == ({6: 2}, {5: 1})
    assert texts(house, "select opinion_id, outcome from opinions order by 1") == [
        ("O1", None),
        ("O2", None),
    ]
    reverse(house, 7, "undo", "传错了", "王")
    assert texts(house, "select end_date from delegates where delegate_id = 'D2'") == [(None,)]
    reverse(house, 4, "undo", "传错了", "王")
    assert texts(house, "select count(*) from activities") == [(3,)]
    with pytest.raises(StillNeeded):
        reverse(house, 2, "undo", "传错了", "王")
    for number in (4, 7, 6):
        reverse(house, number, "redo", "没错", "王")
    assert shown(house) == old[1]


def test_what_superseded_a_row(house: Store) -> None:
    """A row in whose place another stands says whose, as one of today does."""
    found = texts(
        house,
        "select format, upload_id, row_number, superseded_by from ("
        "select 'opinions' as format, upload_id, row_number, standing, superseded_by from stored_opinions"
        " union all select 'delegates', upload_id, row_number, standing, superseded_by from stored_delegates"
        ") where not standing order by all",
    )
    assert found == [("delegates", 2, 3, 7), ("opinions", 5, 2, 6)]


def test_replacing(house: Store) -> None:
    """A quarter's file of today takes the place of what the old program kept of that quarter."""
    file = sheet(HEADER, "007,接待选民,2026-07-09,新", "D2,接待选民,2026-07-09,新")
    [receipt] = upload(house, Sent(file.filename, file.content, replace=True))
    assert (receipt.added, receipt.missing) == (2, 5)
    assert texts(house, "select count(*) from activities") == [(2,)]


def test_formats_that_came_later(tmp_path: Path) -> None:
    """A database from before a format knows it at the next start, with all that was in it."""
    path = tmp_path / "office.duckdb"
    with closing(open_store(path)) as house:
        upload(house, *registers_of_two_townships())
    with duckdb.connect(path) as old:
        for name in FORMATS.keys() - {fmt.name for fmt in THEN}:
            old.execute(f"drop view {name}; drop table stored_{name}")
    with closing(open_store(path, create=False)) as house:
        assert texts(house, "select count(*) from delegates") == [(4,)]
        sent = sheet("日期,领导,镇街,检查项", "2026-07-01,周,大坝街道,点位")
        assert [r.outcome for r in upload(house, sent)] == ["stored"]
        homes = "select townships from upload_homes order by upload_id"
        assert [list(t) for (t,) in texts(house, homes)] == [[None], [None], ["大坝街道"]]
