-- Which station numbers are in use that the register lacks?
-- One row per number that live activities of the period, or delegates in office on its last day,
-- name: how many of each.
-- uses: periods placements
with named as (
    select activities.station_id, 1 as activities, 0 as delegates
    from activities
    join periods on activities.date between periods.starts and periods.ends
    where activities.status <> '已退回'
    union all
    select station_id, 0, 1 from placements where in_office
)
select
    named.station_id,
    sum(named.activities)::bigint as activities,
    sum(named.delegates)::bigint as delegates
from named
anti join stations on stations.station_id = named.station_id
where named.station_id is not null
group by named.station_id
order by activities desc, delegates desc, named.station_id
