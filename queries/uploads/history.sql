-- Which files have been uploaded?
-- One row per upload, newest first.
select
    upload_id,
    uploaded_at,
    format,
    quarter,
    filename,
    rows,
    added,
    changed,
    unchanged,
    state,
    checksum
from uploads
order by upload_id desc
