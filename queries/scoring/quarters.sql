-- Which quarters make up each period?
-- One row per period and quarter; a quarter is named by its first day.
-- uses: periods
with spread as (
    select period, unnest(generate_series(starts, ends, interval 3 month))::date as quarter
    from periods
)
select
    period,
    quarter,
    (quarter + interval 3 month - interval 1 day)::date as quarter_ends,
    date_diff('day', quarter, quarter_ends) + 1 as quarter_days
from spread
