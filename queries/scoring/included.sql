-- Which indicators make up each delegate's base score?
-- One row per period, delegate and indicator with a rate. Those that count only where they help
-- are taken by falling rate: one helps if its rate is above the mean that it brings about, and
-- then no later one does. The mean at the last one in the base is the base score's
-- (assessment.md, "Score").
-- uses: rates
with taken as (
    select
        *,
        row_number() over falling as place,
        sum(weight * rate) over falling / sum(weight) over falling as mean_so_far
    from rates
    where rate is not null and weight > 0
    window falling as (
        partition by period, delegate_id
        order by optional, rate desc, position
        rows between unbounded preceding and current row
    )
)
select *, not optional or place = 1 or rate > mean_so_far as in_base
from taken
