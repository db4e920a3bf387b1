-- Which files have been uploaded, and what has become of them?
-- One row per upload, newest first: `standing` of its rows count now; `superseded_by` lists the
-- uploads that changed, replaced or repeat rows of it; the last undo or redo with its reason;
-- `townships` that any of its rows belong to now, null for none.
with marked as (
    select
        upload_id,
        count(*) filter (where standing) as standing,
        list_sort(list_distinct(list(superseded_by))) as superseded_by
    from kept_rows
    group by upload_id
),
latest as (
    select upload_id, arg_max(columns(* exclude (upload_id)), reversal_id)
    from reversals
    group by upload_id
)
select
    uploads.upload_id,
    uploaded_at,
    uploaded_by,
    format,
    quarter,
    filename,
    mode,
    uploads.rows,
    added,
    changed,
    unchanged,
    state,
    coalesce(standing, 0) as standing,
    coalesce(superseded_by, []) as superseded_by,
    reason,
    reversed_by,
    reversed_at,
    coalesce(upload_homes.townships, [null]) as townships,
    checksum,
    bytes
from uploads
left join marked using (upload_id)
left join latest using (upload_id)
left join upload_homes using (upload_id)
order by upload_id desc
