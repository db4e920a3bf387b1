-- How does the county stand as a whole?
-- One row per period, over delegates of graded levels with at least one eligible day.
-- uses: periods quarters reported members
with opinions_of as (
    select members.period, count(*) as opinions, count(opinions.closed) as opinions_closed
    from members
    join delegates using (delegate_id)
    join periods on periods.period = members.period
    join opinions on opinions.delegate_id = members.delegate_id
    where opinions.date between periods.starts and periods.ends
        and opinions.date between delegates.start_date
            and coalesce(delegates.end_date, opinions.date)
    group by all
),
silent as (
    select homes.period, count(distinct homes.township) as townships_not_reported
    from (select distinct period, township from members where township <> '') as homes
    join quarters using (period)
    cross join (select distinct reported_in as format from scheme_indicators where reported_in is not null) as formats
    anti join reported
        on reported.township = homes.township
        and reported.quarter = quarters.quarter
        and reported.format = formats.format
    group by all
)
select
    members.period,
    count(*) as delegates,
    count(members.score) as scored,
    count(distinct nullif(members.township, '')) as townships,
    coalesce(any_value(silent.townships_not_reported), 0) as townships_not_reported,
    avg(members.active::integer) as active_share,
    sum(members.households_visited)::bigint as households_visited,
    sum(members.receptions)::bigint as receptions,
    coalesce(any_value(opinions_of.opinions), 0) as opinions,
    coalesce(any_value(opinions_of.opinions_closed), 0) as opinions_closed,
    any_value(opinions_of.opinions_closed) / nullif(any_value(opinions_of.opinions), 0)
        as closed_share,
    avg(members.score) as mean_score
from members
join periods using (period)
left join opinions_of on opinions_of.period = members.period
left join silent on silent.period = members.period
group by members.period
order by members.period
