-- Which findings of the visits are not mended yet?
-- One row per finding, the longest open first; `days_open` is counted from the visit to `today`.
select
    guidance.date,
    guidance.leader,
    guidance.township,
    stations.name as station,
    guidance.item,
    guidance.finding,
    $today - guidance.date as days_open
from guidance
left join stations using (station_id)
where guidance.finding is not null and guidance.fixed is null
order by guidance.date, guidance.township, guidance.item, guidance.finding
