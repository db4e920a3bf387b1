-- What is this delegate's base score made of?
-- One row per indicator with a weight; `contribution` adds up to the base score, `peer_rate` is
-- the median rate of the level's delegates who have one.
-- uses: rates included
with peers as (
    select rates.indicator, median(rates.rate) as peer_rate, count(rates.rate) as peers_rated
    from rates
    join delegates on delegates.delegate_id = $delegate_id and delegates.level = rates.level
    group by all
)
select
    rates.indicator,
    scheme_indicators.name,
    scheme_indicators.dimension,
    scheme_dimensions.name as dimension_name,
    scheme_indicators.diligence,
    scheme_indicators.unit,
    rates.value,
    rates.target,
    rates.chance,
    rates.rate,
    rates.reason,
    rates.weight,
    rates.weight * rates.rate as points,
    coalesce(included.in_base, false) as in_base,
    if(included.in_base, 100 * rates.weight * rates.rate / included.base_weight, null)
        as contribution,
    included.base_weight,
    peers.peer_rate,
    peers.peers_rated
from rates
join scheme_indicators using (indicator)
join scheme_dimensions using (dimension)
join peers using (indicator)
left join included
    on included.delegate_id = rates.delegate_id and included.indicator = rates.indicator
where rates.delegate_id = $delegate_id
order by scheme_dimensions.position, rates.position
