-- Which stations has each township, what do they have, and are they used?
-- One row per period and township of the register; null, the county itself, last, if it has any.
-- `covered`: it has its 代表之家 and at least one 联络站. `funding_10k` is of all years, missing
-- where none is stated; `delegates` are those placed at its stations on the period's last day.
-- uses: periods station_figures
with counted as (
    select
        period,
        township,
        count(*) as stations,
        count(*) filter (kind = '服务中心') as centres,
        count(*) filter (kind = '代表之家') as homes,
        count(*) filter (kind = '联络站') as liaisons,
        count(*) filter (kind = '联系点') as contacts,
        count(*) filter (state = 'complete') as complete,
        count(*) filter (state = 'lacking') as lacking,
        count(*) filter (state = 'unstated') as unstated,
        sum(funding_10k) as funding_10k,
        sum(delegates)::bigint as delegates,
        sum(activities)::bigint as activities,
        sum(receptions)::bigint as receptions,
        count(*) filter (silent) as silent,
        count(*) filter (silent is null) as not_reported
    from station_figures
    group by all
),
places as (
    select township, kind from townships
    union all
    select null, null
    where exists (from stations where township is null)
)
select
    periods.period,
    places.township,
    coalesce(counted.stations, 0) as stations,
    coalesce(counted.centres, 0) as centres,
    coalesce(counted.homes, 0) as homes,
    coalesce(counted.liaisons, 0) as liaisons,
    coalesce(counted.contacts, 0) as contacts,
    if(places.township is null, null, coalesce(counted.homes > 0 and counted.liaisons > 0, false))
        as covered,
    coalesce(counted.complete, 0) as complete,
    coalesce(counted.lacking, 0) as lacking,
    coalesce(counted.unstated, 0) as unstated,
    counted.funding_10k,
    coalesce(counted.delegates, 0) as delegates,
    counted.activities,
    counted.receptions,
    coalesce(counted.silent, 0) as silent,
    coalesce(counted.not_reported, 0) as not_reported
from places
cross join periods
left join counted
    on counted.period = periods.period
    and counted.township is not distinct from places.township
order by
    periods.period,
    list_position(['街道', '镇', '管理区'], places.kind) nulls last,
    places.township
