-- Which live activities took place at this station in the period?
-- One row per activity, latest first, with the upload and row it came from.
-- uses: periods
select
    activities.date,
    activities.kind,
    activities.delegate_id,
    delegates.name,
    delegates.township,
    activities.quantity,
    activities.content,
    activities.campaign,
    activities.status,
    uploads.filename,
    activities.row_number
from activities
join periods on activities.date between periods.starts and periods.ends
join delegates on delegates.delegate_id = activities.delegate_id
join uploads on uploads.upload_id = activities.upload_id
where activities.station_id = $station_id and activities.status <> '已退回'
order by activities.date desc, activities.kind, activities.delegate_id, activities.row_number
