-- How long did suggestions wait for their reply?
-- One row per suggestion assigned in the year that ends with the period: `days` from the day of
-- assignment to the reply, or to `today` where none has come (`ended` is false).
-- uses: periods tracked_suggestions
select
    suggestion_id,
    township,
    agency,
    limit_months,
    coalesce(replied, $today) - assigned as days,
    replied is not null as ended
from tracked_suggestions
join periods on assigned > ends - interval 1 year and assigned <= least(ends, $today)
order by agency, days, suggestion_id
