"""The tables that the declared formats land in.

For each format a table ``stored_FORMAT`` keeps every row of every upload, with the upload and the
spreadsheet row it came from; its cells are never changed. ``standing`` marks the rows that count
(``standing.py`` says which), and a view ``FORMAT`` shows these. The view ``kept_rows`` shows the
marks of all formats, ``upload_homes`` the townships that each upload has rows of.
"""

from collections.abc import Container

from data.store import Cursor, tables_of
from data.uploads.formats import FORMATS, Format

_ORIGIN = {
    "upload_id": "integer not null",
    "row_number": "bigint not null",  # as the spreadsheet shows it
    "fingerprint": "varchar not null",
    "nth": "integer not null default 1",  # of the rows in its file that are the same
    "standing": "boolean not null default true",
    "superseded_by": "integer",  # the upload whose row stands in its place, or that replaced it
}


def follow_declarations(cursor: Cursor) -> None:
    """Create what the declarations name and the database lacks; existing cells stay untouched."""
    existing: dict[str, set[str]] = {}
    for table, column in cursor.execute(
        "select table_name, column_name from duckdb_columns() where not internal"
    ).fetchall():
        existing.setdefault(table, set()).add(column)
    as_declared = True
    for fmt in FORMATS.values():
        table = f"stored_{fmt.name}"
        if table not in existing:
            cursor.execute(_table(fmt))
        elif "standing" not in existing[table]:
            _take_over(cursor, fmt)
        elif added := [c for c in fmt.columns if c.name not in existing[table]]:
            for column in added:
                cursor.execute(f"alter table {table} add column {column.name} {column.sql_type}")
        elif fmt.name in existing:
            continue
        as_declared = False
        cursor.execute(f"create or replace view {fmt.name} as select * from {table} where standing")
    if as_declared and "upload_homes" in existing:
        return
    marks = (
        f"select upload_id, row_number, standing, superseded_by from stored_{name}"
        for name in FORMATS
    )
    cursor.execute(f"create or replace view kept_rows as {' union all '.join(marks)}")
    whose = (
        f"select distinct sent.upload_id, {home} from stored_{fmt.name} as sent {join}"
        for fmt in FORMATS.values()
        for home, join in [_home(fmt)]
    )
    cursor.execute(_UPLOAD_HOMES.format(whose=" union all ".join(whose)))
    cursor.execute(_WHAT_UPLOADS_KEEP.format(tallies=tallies(tables_of(cursor))))


def _table(fmt: Format) -> str:
    columns = [f"{name} {kind}" for name, kind in _ORIGIN.items()]
    columns += [f"{c.name} {c.sql_type}{' not null' if c.required else ''}" for c in fmt.columns]
    return f"create table stored_{fmt.name} ({', '.join(columns)})"


def _take_over(cursor: Cursor, fmt: Format) -> None:
    """Bring a table from before undo up to date; its uploads kept only what was new in them."""
    table, earlier = f"stored_{fmt.name}", f"earlier_{fmt.name}"
    cursor.execute(f"alter table {table} rename to {earlier}")
    cursor.execute(_table(fmt))
    rows = f"select * replace ({fingerprint(fmt)} as fingerprint) from {earlier}"
    if fmt.key:
        latest = f"partition by {', '.join(fmt.key)} order by upload_id desc, row_number desc"
        marks = (
            f"row_number() over ({latest}) = 1 as standing,"
            f" nullif(first_value(upload_id) over ({latest}), upload_id) as superseded_by"
        )
    else:
        marks = "row_number() over (partition by fingerprint order by upload_id, row_number) as nth"
    columns = ", ".join(c.name for c in fmt.columns)
    cursor.execute(
        f"insert into {table} by name"
        f" select upload_id, row_number, fingerprint, {columns}, {marks} from ({rows})"
    )
    cursor.execute(f"drop table {earlier}")


def _home(fmt: Format) -> tuple[str, str]:
    """A row's township, null for none, and the join it takes; a register is of all the county."""
    if fmt.is_register:
        return "null as township", ""
    if fmt.whose == "township":
        return "sent.township", ""
    return "delegates.township", "left join delegates using (delegate_id)"


# Delegates' rows by the townships that the roster has them in now.
_UPLOAD_HOMES = """
create or replace view upload_homes as
select upload_id, array_agg(distinct township) as townships
from ({whose})
group by upload_id
"""

_WHAT_UPLOADS_KEEP = """
update uploads set kept = coalesce(tallied.kept, 0), digest = coalesce(tallied.digest, '0')
from (select uploads.upload_id, tallied.kept, tallied.digest
      from uploads left join ({tallies}) as tallied using (upload_id)) as tallied
where uploads.upload_id = tallied.upload_id and uploads.kept is null
"""


def fingerprint(fmt: Format) -> str:
    """The expression that tells rows apart: a hash over the filled cells with their names.

    Only filled cells enter, so that a column added to a format later changes no fingerprint; and
    not what the delegate's number says already, so that a file may name the delegates or not.
    """
    cells = [
        f"'{c.name}=' || "
        + (f"array_to_string({c.name}, '；')" if c.kind == "identifiers" else f"{c.name}::varchar")
        for c in fmt.columns
        if not (fmt.names_the_delegate and c.name in ("name", "township"))
    ]
    return f"md5(concat_ws(chr(31), {', '.join(cells)}))"


def digest(prints: str) -> str:
    """The expression that tells sets of rows apart, in whatever order: a sum of fingerprints."""
    return f"coalesce(sum(('0x' || left({prints}, 16))::ubigint), 0)::varchar"


def tallies(existing: Container[str]) -> str:
    """A SELECT of what the tables hold: upload_id, kept (rows), digest; uploads without rows lack.

    ``existing`` names the tables that there are: a database from before a format has none for it.
    """
    return _tallied(
        [(fmt, "fingerprint") for fmt in FORMATS.values() if f"stored_{fmt.name}" in existing]
    )


def recomputed() -> str:
    """The same, with the fingerprints computed anew from the cells."""
    return _tallied([(fmt, fingerprint(fmt)) for fmt in FORMATS.values()])


def _tallied(prints: list[tuple[Format, str]]) -> str:
    return " union all ".join(
        f"select upload_id, count(*) as kept, {digest(print_)} as digest"
        f" from stored_{fmt.name} group by upload_id"
        for fmt, print_ in prints
    )


def clear(cursor: Cursor) -> None:
    """Remove every stored row and the whole ledger; for the sample county alone."""
    for fmt in FORMATS.values():
        cursor.execute(f"delete from stored_{fmt.name}")
    cursor.execute("delete from reversals")
    cursor.execute("delete from uploads")
