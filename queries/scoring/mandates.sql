-- How much of each period, and of its year, was each delegate in office?
-- One row per period and delegate of the roster; `eligible` and `eligible_year` are shares, 0 to 1.
-- uses: periods
with in_office as (
    select
        period,
        delegate_id,
        level,
        coalesce(township, '') as township,
        start_date,
        coalesce(end_date, date '9999-12-31') as last_date,
        whole_year,
        days,
        year_days,
        greatest(0, date_diff('day', greatest(start_date, starts), least(last_date, ends)) + 1)
            as eligible_days,
        greatest(0, date_diff('day', greatest(start_date, year_starts), least(last_date, year_ends)) + 1)
            as eligible_year_days
    from delegates
    cross join periods
)
select
    period,
    delegate_id,
    level,
    township,
    start_date,
    last_date,
    whole_year,
    eligible_days / days as eligible,
    eligible_year_days / year_days as eligible_year
from in_office
