"""Which stored rows stand: one rule, whatever was uploaded, replaced, taken back, in any order.

The standing rows are what remains when the uploads that stand are laid upon each other in the
order of their numbers. Of a format with a key the latest version of a row stands; of one without,
each row as often as the upload has it that has it most often. A row that later uploads repeat
stands where it was first read. An upload that *replaces* takes away the rows of earlier uploads
of its format that are dated in its quarter and are of the delegates it covers: all that belonged,
when it came, to the townships of its own rows; of a format without delegates, these townships'.

As the rule looks at nothing but the uploads that stand, taking an upload back and putting it in
force again leaves exactly what was there before.
"""

from data.period import Period
from data.store import Cursor
from data.uploads.formats import FORMATS, Format


def settle(cursor: Cursor, fmt: Format, quarter: Period | None = None) -> None:
    """Mark anew which rows of a format stand, and by which upload each other one is superseded.

    ``quarter`` spares the rows of other quarters, where what makes rows the same keeps to one.
    """
    keeps_to_quarter = not (fmt.is_register or fmt.lives_on) and (
        not fmt.key or fmt.date in fmt.key
    )
    alone = quarter if keeps_to_quarter else None
    same = ", ".join(fmt.key) if fmt.key else "fingerprint, nth"
    cursor.execute(
        _SETTLE.format(
            table=f"stored_{fmt.name}",
            format=fmt.name,
            same=same,
            whose="null::varchar" if fmt.is_register else f"coalesce({fmt.whose}, '')",
            day=fmt.date or "null::date",
            slice="date between $starts and $ends" if alone else "true",
        ),
        {"starts": alone.start, "ends": alone.end} if alone else {},
    )


# A replacing upload takes away the version of a row that stands when it comes, and with it the
# versions before; hence ``next_upload`` and ``gone_before``.
_SETTLE = """
with slice as (
    select upload_id, row_number, fingerprint, {whose} as whose, {day} as day, {same}
    from {table}
    where {slice}
),
standing_uploads as (
    select
        upload_id,
        covers,
        make_date(left(quarter, 4)::integer, 3 * right(quarter, 1)::integer - 2, 1) as starts,
        last_day(starts + interval 2 month) as ends
    from uploads
    where format = '{format}' and state = 'stands'
),
replacing as (
    select upload_id, unnest(covers) as whose, starts, ends
    from standing_uploads
),
live as (
    select slice.*, lead(upload_id) over (partition by {same} order by upload_id) as next_upload
    from slice semi join standing_uploads using (upload_id)
),
replaced as (
    select live.upload_id, live.row_number, min(replacing.upload_id) as replaced_by
    from live
    join replacing
        on replacing.upload_id > live.upload_id
        and replacing.upload_id <= coalesce(live.next_upload, replacing.upload_id)
        and replacing.whose = live.whose
        and live.day between replacing.starts and replacing.ends
    group by all
),
ended as (
    select
        live.*,
        replaced_by,
        coalesce(max(replaced_by) over (partition by {same}), 0) as gone_before
    from live left join replaced using (upload_id, row_number)
),
remaining as (
    select *, last_value(fingerprint) over (
        partition by {same} order by upload_id
        rows between unbounded preceding and unbounded following
    ) as latest
    from ended
    where upload_id >= gone_before
),
versions as (
    select *, coalesce(
        max(upload_id) filter (where fingerprint <> latest) over (partition by {same}), 0
    ) as other_until
    from remaining
),
placed as (
    select upload_id, row_number, min(upload_id) filter (where upload_id > other_until)
        over (partition by {same}) as standing_in
    from versions
),
marks as (
    select
        slice.upload_id,
        slice.row_number,
        coalesce(placed.standing_in = slice.upload_id, false) as standing,
        coalesce(
            ended.replaced_by,
            nullif(placed.standing_in, slice.upload_id),
            nullif(ended.gone_before, 0)
        ) as superseded_by
    from slice
    left join ended using (upload_id, row_number)
    left join placed using (upload_id, row_number)
)
update {table} as stored
set
    standing = marks.standing,
    superseded_by = case when not marks.standing then marks.superseded_by end
from marks
where stored.upload_id = marks.upload_id
    and stored.row_number = marks.row_number
    and (stored.standing is distinct from marks.standing
        or stored.superseded_by is distinct from
            case when not marks.standing then marks.superseded_by end)
"""


def orphaned(cursor: Cursor) -> list[int]:
    """The uploads with standing rows of delegates or townships that do not stand, in order."""
    found = " union ".join(_ORPHANS.format(**place) for place in _references())
    return [upload for (upload,) in cursor.execute(f"{found} order by 1").fetchall()]


def _references() -> list[dict[str, str]]:
    """Where rows name a delegate or a township of the registers."""
    places = []
    for fmt in FORMATS.values():
        for column in fmt.columns:
            if column.name == "delegate_id" and not fmt.is_register:
                named, register, key = "delegate_id", "delegates", "delegate_id"
            elif column.kind == "identifiers":
                named, register, key = f"unnest({column.name})", "delegates", "delegate_id"
            elif column.name == "township" and fmt.name != "townships":
                named, register, key = "township", "townships", "township"
            else:
                continue
            places.append({"named": named, "register": register, "key": key, "format": fmt.name})
    return places


_ORPHANS = """
select upload_id from (select upload_id, {named} as named from {format}) as naming
anti join {register} on {register}.{key} = naming.named
where naming.named is not null
"""
