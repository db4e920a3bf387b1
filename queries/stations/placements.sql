-- At which station is each delegate placed?
-- One row per period and delegate of the roster. `in_office`: on the last day of the period.
-- `of_four_levels`: of the levels whose delegates are all to be placed, the national ones are not
-- among them. `placement`: at_home, elsewhere (a station of another township), unknown (a number
-- that the register lacks), unplaced; the first two are placed.
-- uses: periods
select
    periods.period,
    delegates.delegate_id,
    delegates.name,
    delegates.level,
    delegates.township,
    delegates.role,
    delegates.group_name,
    delegates.station_id,
    stations.name as station,
    stations.township as station_township,
    delegates.start_date <= periods.ends
        and coalesce(delegates.end_date >= periods.ends, true) as in_office,
    delegates.level <> 'national' as of_four_levels,
    case
        when delegates.station_id is null then 'unplaced'
        when stations.station_id is null then 'unknown'
        when stations.township <> delegates.township then 'elsewhere'
        else 'at_home'
    end as placement,
    placement in ('at_home', 'elsewhere') as placed
from delegates
cross join periods
left join stations on stations.station_id = delegates.station_id
order by periods.period, delegates.delegate_id
