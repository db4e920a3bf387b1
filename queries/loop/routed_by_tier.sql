-- How long do opinions of each tier wait until they are routed?
-- One row per tier (null: none given) with opinions of the period or waiting now, then one of all
-- (`whole`): collected, routed, closed without routing, not routed yet, days from collecting to
-- routing (median, and the days within which nine of ten were routed). `unrouted_now` counts the
-- opinions of any time that wait, `longest_wait` the days that the first of these has waited.
-- uses: periods tracked_opinions
with marked as (
    select opinions.*, periods.period is not null as in_period
    from tracked_opinions as opinions
    left join periods on opinions.date between periods.starts and periods.ends
)
select
    tier,
    grouping(tier) = 1 as whole,
    count(*) filter (in_period) as collected,
    count(routed) filter (in_period) as routed,
    count(*) filter (in_period and state = 'closed' and routed is null) as closed_directly,
    count(*) filter (in_period and state = 'unrouted') as unrouted,
    median(waited) filter (in_period) as days_median,
    quantile_cont(waited, 0.9) filter (in_period) as days_nine_of_ten,
    count(*) filter (state = 'unrouted') as unrouted_now,
    max(days_open) filter (state = 'unrouted') as longest_wait
from marked
group by grouping sets ((tier), ())
having count(*) filter (in_period or state = 'unrouted') > 0
order by whole, list_position(['村', '镇', '市'], tier) nulls last
