-- Which suggestions are open on the day `today`, and which were filed or replied in the period?
-- One row per suggestion, the most urgent first; `is_open`, `of_period` (filed in it) and
-- `replied_in_period` say why it is here.
-- uses: periods tracked_suggestions
select
    tracked_suggestions.*,
    replied is null as is_open,
    date between starts and ends as of_period,
    coalesce(replied between starts and ends, false) as replied_in_period
from tracked_suggestions
cross join periods
where is_open or of_period or replied_in_period
order by is_open desc, days_left nulls last, days_late desc nulls last, date, suggestion_id
