-- Which periods are asked for, and which year are they part of?
-- One row per period.
with asked as (
    select
        unnest($periods::varchar[]) as period,
        unnest($starts::date[]) as starts,
        unnest($ends::date[]) as ends
)
select
    period,
    starts,
    ends,
    date_diff('day', starts, ends) + 1 as days,
    date_trunc('year', starts)::date as year_starts,
    (date_trunc('year', starts) + interval 1 year - interval 1 day)::date as year_ends,
    date_diff('day', year_starts, year_ends) + 1 as year_days,
    starts = year_starts and ends = year_ends as whole_year
from asked
