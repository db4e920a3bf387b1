-- What has each station, who is placed there, and how is it used in the period?
-- One row per period and station, in tree order. `delegates` are those in office on the period's
-- last day. `activities` and `receptions` are missing where none of the period's quarters was
-- reported; `silent`: there were none; `silent_quarters` are the numbers of the reported quarters
-- without any. `last_activity` is the latest up to the period's end, of any year.
-- uses: periods network placements station_months
with by_quarter as (
    select
        period,
        station_id,
        quarter,
        sum(activities)::bigint as activities,
        sum(receptions)::bigint as receptions
    from station_months
    group by all
),
used as (
    select
        period,
        station_id,
        sum(activities)::bigint as activities,
        sum(receptions)::bigint as receptions,
        list(quarter(quarter) order by quarter) filter (activities = 0) as silent_quarters
    from by_quarter
    group by all
),
latest as (
    select periods.period, activities.station_id, max(activities.date) as last_activity
    from activities
    join periods on activities.date <= periods.ends
    where activities.status <> '已退回' and activities.station_id is not null
    group by all
),
seated as (
    select period, station_id, count(*) as delegates
    from placements
    where in_office and placed
    group by all
)
select
    used.period,
    network.*,
    coalesce(seated.delegates, 0) as delegates,
    used.activities,
    used.receptions,
    used.activities = 0 as silent,
    coalesce(used.silent_quarters, []) as silent_quarters,
    latest.last_activity
from network
join used using (station_id)
left join seated on seated.period = used.period and seated.station_id = network.station_id
left join latest on latest.period = used.period and latest.station_id = network.station_id
order by used.period, network.place
