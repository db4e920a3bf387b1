-- What is assessed, with what weights?
-- One row per indicator of the scheme in force; weights are points of 100, by level.
select
    scheme_indicators.indicator,
    scheme_indicators.position,
    scheme_indicators.name,
    scheme_indicators.dimension,
    scheme_dimensions.name as dimension_name,
    scheme_indicators.diligence,
    scheme_indicators.rule,
    scheme_indicators.due,
    scheme_indicators.target,
    scheme_indicators.unit,
    max(weight) filter (level = 'county') as weight_county,
    max(weight) filter (level = 'township') as weight_township,
    max(weight) filter (not scheme_levels.graded) as weight_reference
from scheme_indicators
join scheme_dimensions using (dimension)
join scheme_weights using (indicator)
join scheme_levels using (level)
group by all
order by scheme_indicators.position
