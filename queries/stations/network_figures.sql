-- How does the network as a whole stand, and are the two coverages full?
-- One row per period. `covered` of the `townships` have their 代表之家 and a 联络站; `placed` of
-- the `in_office` delegates of the four levels are placed at a station of the register, on the
-- period's last day, and `roster_placed` of all the `roster`, whenever in office. `nameless`
-- activities name no station, `unknown` ones a number that the register lacks.
-- uses: periods township_stations placements
with seated as (
    select
        period,
        count(*) filter (of_four_levels) as roster,
        count(*) filter (of_four_levels and placed) as roster_placed,
        count(*) filter (of_four_levels and in_office) as in_office,
        count(*) filter (of_four_levels and in_office and placed) as placed
    from placements
    group by all
),
held as (
    select
        periods.period,
        count(activities.date) as held,
        count(activities.date) filter (activities.station_id is null) as nameless,
        count(activities.station_id) filter (stations.station_id is null) as unknown
    from periods
    left join activities
        on activities.date between periods.starts and periods.ends
        and activities.status <> '已退回'
    left join stations on stations.station_id = activities.station_id
    group by all
),
raised as (
    select sum(funding_10k) as funding_10k, count(distinct upgrade_round) as rounds
    from stations
),
whole as (
    select
        period,
        sum(stations)::bigint as stations,
        sum(centres)::bigint as centres,
        sum(homes)::bigint as homes,
        sum(liaisons)::bigint as liaisons,
        sum(contacts)::bigint as contacts,
        sum(complete)::bigint as complete,
        sum(silent)::bigint as silent,
        sum(not_reported)::bigint as not_reported,
        count(covered) as townships,
        count(*) filter (covered) as covered
    from township_stations
    group by all
)
select
    whole.*,
    coalesce(seated.roster, 0) as roster,
    coalesce(seated.roster_placed, 0) as roster_placed,
    coalesce(seated.in_office, 0) as in_office,
    coalesce(seated.placed, 0) as placed,
    raised.*,
    held.* exclude (period)
from whole
cross join raised
join held on held.period = whole.period
left join seated on seated.period = whole.period
order by whole.period
