-- Which opinions are open on the day `today`, and which were collected in the period?
-- One row per opinion, what waits longest first; `is_open` and `of_period` say why it is here.
-- uses: periods tracked_opinions
select
    tracked_opinions.*,
    closed is null as is_open,
    date between starts and ends as of_period
from tracked_opinions
cross join periods
where is_open or of_period
order by is_open desc, days_open desc, opinion_id
