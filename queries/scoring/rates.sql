-- What did each delegate attain in each indicator, and if nothing can be said, why?
-- One row per period, delegate and indicator of the scheme. `rate` is 0 to 1, or missing for the
-- `reason` not_offered, not_due or not_reported; `optional`: counts only where it helps
-- (assessment.md, "Targets and rates").
-- uses: quarters mandates reported tallies
with reported_share as (
    -- the sum of e_q over the reported quarters, by delegate and format
    select
        mandates.period,
        mandates.delegate_id,
        reported.format,
        sum(greatest(0, date_diff(
            'day',
            greatest(mandates.start_date, quarters.quarter),
            least(mandates.last_date, quarters.quarter_ends)
        ) + 1) / quarters.quarter_days) as quarters_eligible
    from mandates
    join quarters using (period)
    join reported on reported.township = mandates.township and reported.quarter = quarters.quarter
    group by all
),
faced as (
    select
        mandates.period,
        mandates.delegate_id,
        mandates.level,
        mandates.eligible,
        mandates.eligible_year,
        indicators.indicator,
        indicators.position,
        indicators.rule,
        indicators.approval,
        weights.weight,
        indicators.rule = 'counted' and indicators.due = 'year' as yearly,
        yearly and not mandates.whole_year as optional,
        coalesce(tallies.amount, 0) as value,
        coalesce(tallies.credit, 0) as credit,
        coalesce(tallies.chance, 0) as chance,
        indicators.reported_in is not null and reported_share.format is null as unreported,
        case
            when indicators.rule = 'share' then null
            when indicators.rule = 'organised'
                then least(indicators.target * mandates.eligible_year, coalesce(tallies.chance, 0))
            when yearly then indicators.target * mandates.eligible_year
            else indicators.target / 4 * coalesce(reported_share.quarters_eligible, 0)
        end as target
    from mandates
    cross join scheme_indicators as indicators
    join scheme_weights as weights
        on weights.indicator = indicators.indicator and weights.level = mandates.level
    left join tallies
        on tallies.period = mandates.period
        and tallies.delegate_id = mandates.delegate_id
        and tallies.indicator = indicators.indicator
    left join reported_share
        on reported_share.period = mandates.period
        and reported_share.delegate_id = mandates.delegate_id
        and reported_share.format = indicators.reported_in
),
explained as (
    select
        *,
        case
            when rule in ('share', 'organised') and chance = 0 then 'not_offered'
            when if(yearly, eligible_year, eligible) = 0 then 'not_offered'
            when optional and value = 0 then 'not_due'
            when unreported then 'not_reported'
            when target = 0 then 'not_offered'
        end as reason
    from faced
)
select
    period,
    delegate_id,
    level,
    indicator,
    position,
    weight,
    value,
    target,
    chance,
    optional,
    reason,
    case
        when reason is not null then null
        when rule = 'share' then credit / chance
        when approval and chance > 0
            then least(1, value / target)
            * (approval_base + approval_gain * credit / chance) / (approval_base + approval_gain)
        else least(1, value / target)
    end as rate
from explained
cross join scheme
