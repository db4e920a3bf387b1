-- How far have the opinions of a period come, and which are open on the day `today`?
-- One row per township and tier, and for each of the two all of them together, which
-- `all_townships` and `all_tiers` mark. Of those collected in the period: collected, routed (or
-- closed without), closed, solved, the median days until routed. Whenever collected: on_record,
-- unrouted, in_hand (routed, not closed), the most days_open among these two.
-- uses: periods tracked_opinions
with dated as (
    select tracked_opinions.*, date between starts and ends as of_period
    from tracked_opinions
    cross join periods
)
select
    township,
    tier,
    grouping(township) = 1 as all_townships,
    grouping(tier) = 1 as all_tiers,
    count(*) filter (of_period) as collected,
    count(*) filter (of_period and state <> 'unrouted') as routed,
    count(*) filter (of_period and state = 'closed') as closed,
    count(*) filter (of_period and state = 'closed' and outcome = '已解决') as solved,
    count(closed) filter (of_period) / nullif(collected, 0) as closed_share,
    median(waited) filter (of_period) as waited,
    count(*) as on_record,
    count(*) filter (state = 'unrouted') as unrouted,
    count(*) filter (state = 'open') as in_hand,
    max(days_open) filter (state <> 'closed') as days_open
from dated
group by cube (township, tier)
order by all_townships desc, township, all_tiers desc, list_position(['村', '镇', '市'], tier)
