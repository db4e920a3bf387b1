-- How much happened at each station, month by month?
-- One row per period, station and month of it: the live activities dated in it, `receptions`
-- (接待选民) among them. With none, both are missing where the station's township has not reported
-- the quarter (for a station of no township: where no township has), and in months still to come.
-- uses: quarters reported
with held as (
    select
        station_id,
        date_trunc('month', date)::date as month,
        count(*) as activities,
        count(*) filter (kind = '接待选民') as receptions
    from activities
    where status <> '已退回' and date between list_min($starts) and list_max($ends)
    group by all
),
months as (
    select
        period,
        quarter,
        unnest(generate_series(quarter, quarter_ends, interval 1 month))::date as month
    from quarters
),
sent as (
    select distinct unnest([township, '']) as township, quarter
    from reported
    where format = 'activities'
),
expected as (
    select
        months.period,
        stations.station_id,
        stations.township,
        months.quarter,
        months.month,
        if(sent.quarter is null or months.month > $today, null, 0) as none_held
    from months
    cross join stations
    left join sent
        on sent.quarter = months.quarter and sent.township = coalesce(stations.township, '')
)
select
    expected.* exclude (none_held),
    coalesce(held.activities, none_held) as activities,
    coalesce(held.receptions, none_held) as receptions
from expected
left join held using (station_id, month)
order by period, station_id, month
