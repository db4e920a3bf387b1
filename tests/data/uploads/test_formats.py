"""The declarations: what everything else follows from, and the tables in the database."""

from pathlib import Path

import duckdb
import pytest

from data.uploads.cells import fold
from data.uploads.formats import FORMATS, Format

EACH = pytest.mark.parametrize("fmt", FORMATS.values(), ids=list(FORMATS))


@EACH
def test_declaration(fmt: Format) -> None:
    """Names and headers are unique, keys and dates name columns, and what they need is required."""
    names = [c.name for c in fmt.columns]
    headers = [c.header for c in fmt.columns]
    assert len({*names, *headers}) == 2 * len(fmt.columns)
    assert all(fold(header) == header for header in headers)
    assert not fmt.key or fmt.column(fmt.key[0]).required
    if fmt.date:
        assert (fmt.column("date").kind, fmt.column("date").required) == ("date", True)
    for column in fmt.columns:
        assert column.not_before is None or fmt.column(column.not_before).kind == "date"
        assert (column.kind == "choice") <= (column.choices is not None)
        assert (column.low is None) == (column.high is None)


@EACH
def test_table_in_the_database(fmt: Format, case_database: Path) -> None:
    """The table is as declared: columns, types, what may be empty; the view shows the same."""
    expected = [
        ("upload_id", "INTEGER", False),
        ("row_number", "BIGINT", False),
        ("fingerprint", "VARCHAR", False),
        ("nth", "INTEGER", False),
        ("standing", "BOOLEAN", False),
        ("superseded_by", "INTEGER", True),
        *((c.name, c.sql_type.upper(), not c.required) for c in fmt.columns),
    ]
    with duckdb.connect(case_database, read_only=True) as connection:

        def columns(table: str) -> list[tuple[str, str, bool]]:
            return connection.execute(
                "select column_name, data_type, is_nullable from duckdb_columns()"
                " where table_name = ? order by column_index",
                [table],
            ).fetchall()

        assert columns(f"stored_{fmt.name}") == expected
        assert [c[:2] for c in columns(fmt.name)] == [c[:2] for c in expected]


@EACH
def test_one_row_per_key(fmt: Format, sample_database: Path) -> None:
    """The view shows one row per key, the latest, and every row where there is no key."""
    with duckdb.connect(sample_database, read_only=True) as connection:
        stored, shown = (
            connection.execute(f"select count(*) from {table}").fetchall()[0][0]
            for table in (f"stored_{fmt.name}", fmt.name)
        )
        if not fmt.key:
            assert stored == shown
            return
        key = ", ".join(fmt.key)
        assert connection.execute(
            f"select count(*) from (select distinct {key} from stored_{fmt.name})"
        ).fetchall() == [(shown,)]
