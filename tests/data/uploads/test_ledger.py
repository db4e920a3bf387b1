"""Storing: all of a file or nothing, the same rows once, each row with where it came from."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from files import ACTIVITIES, ATTENDANCE, OPINIONS, SUGGESTIONS, csv_bytes, sheet, worked_cases

from data.period import Period
from data.store import Store, open_store
from data.uploads import ledger
from data.uploads.check import Sent, check_all, registers
from data.uploads.ledger import Receipt, reverse, upload_together


def upload(store: Store, *files: Sent) -> list[Receipt]:
    return upload_together(store, check_all(files, registers(store)))


def counts(receipt: Receipt) -> tuple[str, int, int, int, int]:
    return receipt.outcome, receipt.rows, receipt.added, receipt.changed, receipt.unchanged


def table(store: Store, sql: str) -> list[tuple[object, ...]]:
    frame = store.query(sql)
    return list(
        frame.astype("object").where(frame.notna(), None).itertuples(index=False, name=None)
    )


FIRST = sheet(
    ACTIVITIES,
    "007,接待选民,2026-07-01,2,修路，𠮷䶮㛃",
    "D2,入户走访,2026-07-02,3,NA",
    "D2,入户走访,2026-07-02,3,NA",
)


def test_stored_as_read(house: Store) -> None:
    """The rows in the database are the rows of the file, each with its upload and row number."""
    [receipt] = upload(house, FIRST)
    assert counts(receipt) == ("stored", 3, 3, 0, 0)
    rows = table(
        house,
        "select row_number, delegate_id, kind, date::varchar, quantity, content, place, status"
        " from activities order by row_number",
    )
    assert rows == [
        (2, "007", "接待选民", "2026-07-01", 2, "修路，𠮷䶮㛃", None, "待核实"),
        (3, "D2", "入户走访", "2026-07-02", 3, "NA", None, "待核实"),
        (4, "D2", "入户走访", "2026-07-02", 3, "NA", None, "待核实"),
    ]
    entry = table(
        house,
        "select format, quarter, filename, checksum, bytes, rows, added, state"
        " from uploads order by upload_id desc limit 1",
    )
    assert entry == [
        ("activities", "2026Q3", "file.csv", FIRST.checksum, len(FIRST.content), 3, 3, "stands")
    ]


def lines(sent: Sent) -> list[str]:
    return sent.content.decode().splitlines()


@pytest.mark.parametrize(
    "again",
    [
        lambda: FIRST,
        lambda: Sent("other name.csv", FIRST.content),
        lambda: Sent("a.csv", FIRST.content.decode().encode("gb18030")),
        lambda: Sent("a.csv", FIRST.content.decode().encode("utf-16")),
        lambda: sheet(*FIRST.content.decode().replace(",", ";").splitlines()),
        lambda: sheet(lines(FIRST)[0], *reversed(lines(FIRST)[1:])),
        lambda: sheet(
            "日期,姓名,镇街,数量,类型,代表编号,内容,状态说明",
            "2026年7月1日,张三,大坝街道,２,接待选民,００７,修路，𠮷䶮㛃,x",
            *["46205,李四,龙山镇,3.0,入户走访,,NA,"] * 2,
        ),
    ],
    ids=["same", "renamed", "gb18030", "utf-16", "semicolon", "reordered", "rewritten"],
)
def test_same_rows_again(house: Store, again: Callable[[], Sent]) -> None:
    """Rows that stand are not stored twice, whatever the file looks like; no version moves."""
    upload(house, FIRST)
    version, stood = house.version, table(house, "from stored_activities order by all")
    [receipt] = upload(house, again())
    assert (receipt.outcome, receipt.added, receipt.unchanged) == ("unchanged", 0, receipt.rows)
    assert house.version == version
    assert table(house, "from stored_activities order by all") == stood


def test_part_of_what_stands(house: Store) -> None:
    """A file whose rows all stand is on record with nothing new: it keeps them if the first goes."""
    [first] = upload(house, FIRST)
    [receipt] = upload(house, sheet(lines(FIRST)[0], *lines(FIRST)[1:3]))
    assert counts(receipt) == ("stored", 2, 0, 0, 2)
    assert table(house, "select count(*) from activities") == [(3,)]
    assert first.upload_id is not None
    reverse(house, first.upload_id, "undo", "传错了", "王")
    assert table(house, "select row_number, delegate_id from activities order by all") == [
        (2, "007"),
        (3, "D2"),
    ]


def test_longer_version(house: Store) -> None:
    """A longer version of an earlier file adds its new rows only."""
    upload(house, FIRST)
    [receipt] = upload(house, sheet(*lines(FIRST), lines(FIRST)[1], "D3,接待选民,2026-07-03,1,"))
    assert counts(receipt) == ("stored", 5, 2, 0, 3)
    assert table(house, "select count(*) from activities") == [(5,)]


def test_matters_go_on(house: Store) -> None:
    """A later upload of any quarter updates a matter by its number; the old row is kept."""
    upload(house, sheet(OPINIONS, "O1,007,2026-04-01,路灯,,", "O2,D2,2026-04-02,井盖,,"))
    [receipt] = upload(
        house,
        sheet(OPINIONS, "O1,007,2026-04-01,路灯,2026-07-09,已解决", "O3,007,2026-07-01,路,,"),
    )
    assert counts(receipt) == ("stored", 2, 1, 1, 0)
    assert receipt.checked.quarter == Period.parse("2026Q3")
    assert table(house, "select opinion_id, outcome from opinions order by all") == [
        ("O1", "已解决"),
        ("O2", None),
        ("O3", None),
    ]
    assert table(house, "select count(*) from stored_opinions") == [(4,)]
    upload(house, sheet(SUGGESTIONS, "S1,修路,007,D2；D3,2026-07-01,,,"))
    [receipt] = upload(house, sheet(SUGGESTIONS, "S1,修路,007,D2，D3,2026-07-01,2026-07-05,,"))
    assert counts(receipt) == ("stored", 1, 0, 1, 0)
    [(cosigners, assigned)] = table(
        house, "select cosigner_ids, assigned::varchar from suggestions"
    )
    assert (list(cosigners), assigned) == (["D2", "D3"], "2026-07-05")  # type: ignore[call-overload]


def test_an_old_file_does_not_come_back(house: Store) -> None:
    """A file that was uploaded before is unchanged even where later files corrected its rows."""
    old = sheet(OPINIONS, "O1,007,2026-07-01,路灯,,")
    upload(house, old)
    upload(house, sheet(OPINIONS, "O1,007,2026-07-01,路灯,2026-07-09,已解决"))
    [receipt] = upload(house, old)
    assert receipt.outcome == "unchanged"
    assert table(house, "select outcome from opinions") == [("已解决",)]


def test_registers_are_updated_by_key(house: Store) -> None:
    """A new roster changes the delegates that it names and leaves the others."""
    [receipt] = upload(
        house,
        sheet(
            "代表编号,姓名,层级,镇街,任职起,任职止", "D2,李四,乡镇级,龙山镇,2021-12-20,2026-05-01"
        ),
    )
    assert counts(receipt) == ("stored", 1, 0, 1, 0)
    assert table(house, "select count(*), count(end_date) from delegates") == [(4, 2)]


def test_an_old_roster_is_news_again(house: Store) -> None:
    """Of a register the latest file is the truth, also where it says what an older one said."""
    header = "代表编号,姓名,层级,镇街,任职起"
    there = sheet(header, "D2,李四,乡镇级,大坝街道,2021-12-20")
    back = sheet(header, "D2,李四,乡镇级,龙山镇,2021-12-20")
    for file, town in ((there, "大坝街道"), (back, "龙山镇"), (there, "大坝街道")):
        assert counts(*upload(house, file)) == ("stored", 1, 0, 1, 0)
        assert table(house, "select township from delegates where delegate_id = 'D2'") == [(town,)]
    assert counts(*upload(house, there)) == ("unchanged", 1, 0, 0, 1)


def test_registers_go_first(house: Store) -> None:
    """In whatever order files are handed over, registers are stored before what names them."""
    roster = sheet("代表编号,姓名,层级,镇街,任职起", "D9,赵六,县级,龙山镇,2021-12-20")
    known = registers(house)
    checked = check_all([roster, sheet(ACTIVITIES, "D9,接待选民,2026-07-01,1,")], known)
    upload_together(house, checked[::-1])
    assert table(
        house, "select format, array_to_string(townships, '；') from uploads order by upload_id"
    )[-2:] == [("delegates", "龙山镇"), ("activities", "龙山镇")]


def test_refused_file_stores_nothing(house: Store) -> None:
    """One bad cell stops its whole file, and only that file."""
    version = house.version
    bad = sheet(ACTIVITIES, "007,接待选民,2026-07-01,1,", "007,接待选民,2026-07-02,=1,")
    assert [r.outcome for r in upload(house, bad)] == ["refused"]
    assert house.version == version
    good = sheet(ATTENDANCE, "E1,会议,2026-07-01,007,出席")
    assert [r.outcome for r in upload(house, bad, good)] == ["refused", "stored"]
    assert table(house, "select count(*) from stored_activities") == [(0,)]
    assert house.version == version + 1


def test_files_that_overlap(house: Store) -> None:
    """A row that two files of a batch hold is stored once."""
    more = sheet(*lines(FIRST), "D3,接待选民,2026-07-03,1,")
    first, second = upload(house, FIRST, more)
    assert (counts(first), counts(second)) == (("stored", 3, 3, 0, 0), ("stored", 4, 1, 0, 3))
    assert table(house, "select count(*) from activities") == [(4,)]


class Failing:
    """A cursor that fails at its n-th statement, as a full disk would make it."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, calls: int) -> None:
        self._cursor, self._left = cursor, calls

    def execute(self, *arguments: object) -> object:
        self._left -= 1
        if self._left < 0:
            raise duckdb.IOException("disk full")
        return self._cursor.execute(*arguments)  # type: ignore[arg-type]

    def __getattr__(self, name: str) -> object:
        return getattr(self._cursor, name)


def test_failure_at_every_step_leaves_nothing(
    house: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Wherever in a batch the database fails, no row, no entry, no new version is left; once it
    is well again, the same batch is stored without a restart."""
    batch = FIRST, sheet(ATTENDANCE, "E1,会议,2026-07-01,007,出席")
    checked = check_all(batch, registers(house))

    def everything() -> list[list[tuple[object, ...]]]:
        tables = ("stored_activities", "stored_attendance", "house", "reversals")
        return [
            table(house, "select * exclude (townships) from uploads order by all"),
            *(table(house, f"from {name} order by all") for name in tables),
        ]

    before = everything()
    write, failures = house.write, 0

    @contextmanager
    def failing(calls: int, *said: str | None) -> Iterator[object]:
        with write(*said) as cursor:  # type: ignore[arg-type]
            yield Failing(cursor, calls)

    for calls in range(1000):
        monkeypatch.setattr(house, "write", partial(failing, calls))
        try:
            receipts = upload_together(house, checked)
        except duckdb.IOException:
            failures += 1
            assert everything() == before
            assert house.version == checked[0].version
        else:
            break
    assert [r.outcome for r in receipts] == ["stored", "stored"]
    assert failures > 10
    assert table(house, "select count(*) from activities") == [(3,)]


def test_two_clerks_at_once(house: Store) -> None:
    """Of two uploads of one quarter's rows at the same moment one is stored, one unchanged."""
    known = registers(house)
    same = Sent("b.csv", FIRST.content + b"\n")
    checked = [check_all([sent], known) for sent in (FIRST, same) * 4]
    receipts: list[Receipt] = []
    together = threading.Barrier(len(checked))

    def store(batch: list[ledger.Checked]) -> None:
        together.wait()
        receipts.extend(upload_together(house, batch))

    threads = [threading.Thread(target=store, args=(batch,)) for batch in checked]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(r.outcome for r in receipts) == ["stored"] + ["unchanged"] * 7
    assert table(house, "select count(*) from activities") == [(3,)]


def test_database_moved_on(house: Store) -> None:
    """What was checked against an older version is checked again before it is stored."""
    batch = check_all([sheet(OPINIONS, "O1,D2,2026-07-02,井盖,,")], registers(house))
    assert not batch[0].problems
    upload(house, sheet(OPINIONS, "O1,007,2026-07-01,路灯,,"))
    [receipt] = upload_together(house, batch)
    assert (receipt.outcome, [p.code for p in receipt.problems]) == ("refused", ["key_taken"])
    assert table(house, "select delegate_id from opinions") == [("007",)]


def test_no_warning_goes_unseen(house: Store) -> None:
    """A warning that came up only since the clerk looked refuses the batch until it is seen."""
    batch = check_all([sheet(OPINIONS, "O1,007,2026-07-01,路灯不亮,,"), FIRST], registers(house))
    upload(house, sheet(OPINIONS, "O1,007,2026-07-01,路灯,,"))
    receipts = upload_together(house, batch)
    assert [r.outcome for r in receipts] == ["refused", "refused"]
    assert {p.code for r in receipts for p in r.problems} == {"duplicate_row", "key_differs"}
    # Seen and confirmed, it is stored.
    assert [r.outcome for r in upload(house, *[c.sent for c in batch])] == ["stored"] * 2


def test_reader_sees_whole_uploads(house: Store) -> None:
    """A reader during an upload is not blocked and never sees half of it."""
    files = [
        sheet(ACTIVITIES, *[f"D2,接待选民,2026-07-{d:02},{n},x" for d in range(1, 31)])
        for n in range(1, 6)
    ]
    done = threading.Event()
    seen: set[tuple[object, ...]] = set()

    def read() -> None:
        while not done.is_set():
            seen.update(
                table(house, "select (select count(*) from activities), sum(added) from uploads")
            )

    reader = threading.Thread(target=read)
    reader.start()
    for file in files:
        upload(house, file)
    done.set()
    reader.join(10)
    assert not reader.is_alive()
    assert {(rows, added) for rows, added in seen} <= {(30 * n, 6 + 30 * n) for n in range(6)}


def test_rare_cells_keep_their_type(house: Store) -> None:
    """A column whose first filled cell comes late in a long file is stored as declared."""
    rows = [["建议号", "标题", "领衔代表编号", "附议代表编号", "提出日期", "重点督办"]]
    rows += [[f"S{i}", "nan", "007", "", "2026-07-01", ""] for i in range(3000)]
    rows[2900][3:] = ["D2；D3", "2026-07-01", "是"]
    upload(house, Sent("a.csv", csv_bytes(rows)))
    found = table(
        house,
        "select len(cosigner_ids), priority, title from suggestions where priority is not null",
    )
    assert found == [(2, True, "nan")]
    assert table(house, "select count(cosigner_ids), count(assigned) from suggestions") == [(1, 0)]


def test_order_of_files_and_rows_changes_nothing(tmp_path: Path) -> None:
    """The worked cases leave the same rows whichever way round they are uploaded."""

    def standing(files: list[Sent], name: str) -> dict[str, pd.DataFrame]:
        store = open_store(tmp_path / name)
        upload(store, *files)
        found = {
            f: store.query(
                f"select * exclude (upload_id, row_number) from {f} order by fingerprint"
            )
            for f in ("delegates", "activities", "attendance", "opinions", "suggestions")
        }
        store.close()
        return found

    def upside_down(sent: Sent) -> Sent:
        header, *rows = sent.content.splitlines(keepends=True)
        return Sent(sent.filename, b"".join([header, *reversed(rows)]), sent.format, sent.quarter)

    files = worked_cases()
    forth = standing(files, "forth.duckdb")
    back = standing([upside_down(file) for file in reversed(files)], "back.duckdb")
    for name, rows in forth.items():
        pd.testing.assert_frame_equal(rows, back[name])
