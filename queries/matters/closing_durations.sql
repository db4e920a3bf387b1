-- How long did opinions wait to be closed?
-- One row per opinion collected in the year that ends with the period: `days` from collecting to
-- closing, or to `today` where it is not closed (`ended` is false).
-- uses: periods tracked_opinions
select
    opinion_id,
    township,
    tier,
    days_open as days,
    closed is not null as ended
from tracked_opinions
join periods on date > ends - interval 1 year and date <= least(ends, $today)
order by tier, days, opinion_id
