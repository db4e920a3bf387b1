-- What is assessed, with what weights?
-- One row per indicator of the scheme in force; weights are points of 100, by level. `part` is how
-- much of one a co-signed suggestion or a half-day on leave counts.
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
    scheme_indicators.counts,
    scheme_indicators.reported_in,
    scheme_indicators.approval,
    case scheme_indicators.counts
        when 'suggestion' then scheme.co_signature
        when 'session' then scheme.leave_credit
    end as part,
    max(weight) filter (level = 'county') as weight_county,
    max(weight) filter (level = 'township') as weight_township,
    max(weight) filter (not scheme_levels.graded) as weight_reference
from scheme_indicators
join scheme_dimensions using (dimension)
join scheme_weights using (indicator)
join scheme_levels using (level)
cross join scheme
group by all
order by scheme_indicators.position
