"""The tables that the declared formats land in.

For each format a table ``stored_FORMAT`` keeps every row that was ever stored, with the upload
and the spreadsheet row it came from, and nothing in it is ever changed. A view ``FORMAT`` shows
the rows that stand: those of uploads that stand, and of rows with one key the latest version.
"""

import duckdb

from data.uploads.formats import FORMATS, Format


def follow_declarations(cursor: duckdb.DuckDBPyConnection) -> None:
    """Create what the declarations name and the database lacks; existing rows stay untouched."""
    existing: dict[str, set[str]] = {}
    for table, column in cursor.execute(
        "select table_name, column_name from duckdb_columns() where not internal"
    ).fetchall():
        existing.setdefault(table, set()).add(column)
    for fmt in FORMATS.values():
        table = f"stored_{fmt.name}"
        if table not in existing:
            cursor.execute(_table(fmt))
        added = [c for c in fmt.columns if c.name not in existing.get(table, {c.name})]
        for column in added:
            cursor.execute(f"alter table {table} add column {column.name} {column.sql_type}")
        if added or fmt.name not in existing:
            cursor.execute(_view(fmt))


def _table(fmt: Format) -> str:
    columns = "".join(
        f",\n    {c.name} {c.sql_type}{' not null' if c.required else ''}" for c in fmt.columns
    )
    return (
        f"create table stored_{fmt.name} (\n    upload_id integer not null,"
        f"\n    row_number bigint not null,\n    fingerprint varchar not null{columns}\n)"
    )


def _view(fmt: Format) -> str:
    latest = (
        f" qualify row_number() over (partition by {', '.join(fmt.key)}"
        " order by upload_id desc, row_number desc) = 1"
        if fmt.key
        else ""
    )
    return (
        f"create or replace view {fmt.name} as select * from stored_{fmt.name}"
        f" semi join (select upload_id from uploads where state = 'stands') using (upload_id){latest}"
    )


def clear(cursor: duckdb.DuckDBPyConnection) -> None:
    """Remove every stored row and the whole ledger; for the sample county alone."""
    for fmt in FORMATS.values():
        cursor.execute(f"delete from stored_{fmt.name}")
    cursor.execute("delete from uploads")
