-- How much happened at each township's stations, month by month?
-- One row per period, township with a station and month; null is the county itself, first.
-- uses: station_months
select
    station_months.period,
    station_months.township,
    station_months.month,
    sum(station_months.activities)::bigint as activities,
    sum(station_months.receptions)::bigint as receptions
from station_months
left join townships using (township)
group by all
order by
    station_months.period,
    list_position(['街道', '镇', '管理区'], any_value(townships.kind)) nulls first,
    station_months.township nulls first,
    station_months.month
