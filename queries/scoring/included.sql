-- Which indicators make up each delegate's base score?
-- One row per period, delegate and indicator with a rate. Those that count only where they help
-- are taken by falling rate as far as the mean rises (assessment.md, "Score").
-- uses: rates
with prefixes as (
    select
        *,
        row_number() over taken as place,
        sum(weight * rate) over taken / sum(weight) over taken as mean_so_far,
        optional or coalesce(lead(optional) over taken, true) as may_stop
    from rates
    where rate is not null and weight > 0
    window taken as (
        partition by period, delegate_id
        order by optional, if(optional, rate, 0) desc, position
        rows between unbounded preceding and current row
    )
),
best as (
    select *, max(mean_so_far) filter (may_stop) over (partition by period, delegate_id) as mean
    from prefixes
),
stopped as (
    select
        *,
        min(place) filter (may_stop and mean_so_far = mean) over (partition by period, delegate_id)
            as last_place
    from best
)
select
    period,
    delegate_id,
    indicator,
    weight,
    rate,
    100 * mean as base,
    place <= last_place as in_base,
    sum(if(place <= last_place, weight, 0)) over (partition by period, delegate_id) as base_weight
from stopped
