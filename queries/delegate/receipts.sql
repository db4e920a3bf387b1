-- What is each delegate's base score made of?
-- One row per period, delegate of the roster and indicator of the scheme; `contribution` adds up
-- to the base score, `peer_rate` is the median rate of the level's delegates who have one.
-- uses: rates included
with peers as (
    select period, level, indicator, median(rate) as peer_rate
    from rates
    group by all
)
select
    rates.period,
    rates.delegate_id,
    scheme_dimensions.position as dimension_position,
    rates.position,
    rates.indicator,
    scheme_indicators.name,
    scheme_indicators.dimension,
    scheme_dimensions.name as dimension_name,
    scheme_indicators.unit,
    rates.value,
    rates.target,
    rates.rate,
    rates.reason,
    rates.weight,
    rates.weight * rates.rate as points,
    coalesce(included.in_base, false) as in_base,
    sum(rates.weight) filter (included.in_base) over whole as base_weight,
    sum(rates.weight * rates.rate) filter (included.in_base) over whole as base_points,
    if(included.in_base, 100 * points / base_weight, null) as contribution,
    peers.peer_rate
from rates
join scheme_indicators using (indicator)
join scheme_dimensions using (dimension)
join peers using (period, level, indicator)
left join included using (period, delegate_id, indicator)
window whole as (partition by rates.period, rates.delegate_id)
order by rates.period, rates.delegate_id, dimension_position, rates.position
