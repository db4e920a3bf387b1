-- How far is each task of the year's plan, and does it keep up with the calendar?
-- One row per period and task of its year, where a period runs from 1 January to the day up to
-- which is measured. `measured` adds up all delegates' records: what was counted, of suggestions the
-- led ones alone, or the percent: of meetings half-days present of those called to, of other shares
-- what was earned of what could be. `counts` is the scheme's: of an event each who came counts.
-- `expected` is the target's part for the days passed of those up to the due day (31 December unless
-- said), both days included; a percent is expected in full from the first day. `state`: unmeasured
-- (no indicator), no_data, reached, behind, overdue (measured to the due day or beyond it, and that
-- day is before `today`), on_course; all as of the measured day.
-- uses: periods tallies reported
with amounts as (
    select
        tallies.period,
        tallies.indicator,
        case
            when indicators.counts = 'suggestion' then sum(tallies.chance)
            when indicators.counts = 'session'
                then 100 * sum(tallies.amount::decimal(18, 9))::double
                    / nullif(sum(tallies.chance), 0)
            when indicators.rule = 'share'
                then 100 * sum(tallies.credit::decimal(18, 9))::double
                    / nullif(sum(tallies.chance), 0)
            else sum(tallies.amount::decimal(18, 9))::double
        end as measured
    from tallies
    join scheme_indicators as indicators using (indicator)
    group by tallies.period, tallies.indicator, indicators.counts, indicators.rule
),
sent as (
    select distinct periods.period, reported.format
    from periods
    join reported on reported.quarter between periods.starts and periods.ends
),
tasks as (
    select
        periods.period,
        plan.task,
        plan.indicator,
        indicators.name,
        indicators.unit,
        indicators.counts,
        coalesce(indicators.rule = 'share', false) as in_percent,
        plan.lead,
        plan.due,
        plan.target,
        case
            when in_percent then amounts.measured
            when indicators.reported_in is not null and sent.format is null then null
            when indicators.indicator is not null then coalesce(amounts.measured, 0)
        end as measured,
        indicators.indicator is not null as measurable,
        periods.days as days_passed,
        coalesce(plan.due, periods.year_ends) as last_day,
        date_diff('day', periods.starts, coalesce(plan.due, periods.year_ends)) + 1 as days_given
    from plan
    join periods on year(periods.starts) = plan.year
    left join scheme_indicators as indicators on indicators.indicator = plan.indicator
    left join amounts
        on amounts.period = periods.period and amounts.indicator = plan.indicator
    left join sent
        on sent.period = periods.period and sent.format = indicators.reported_in
),
expecting as (
    select
        *,
        if(
            in_percent or days_passed >= days_given,
            target,
            target * greatest(0, days_passed) / days_given
        ) as expected
    from tasks
)
select
    period,
    task,
    indicator,
    name,
    unit,
    counts,
    in_percent,
    lead,
    due,
    target,
    measured,
    measured / nullif(target, 0) as reached,
    if(measurable, expected, null) as expected,
    if(measurable, expected / nullif(target, 0), null) as expected_share,
    case
        when not measurable then 'unmeasured'
        when measured is null then 'no_data'
        when round(measured, 9) >= target then 'reached'
        when days_passed >= days_given and last_day < $today then 'overdue'
        when round(measured, 9) < round(expected, 9) then 'behind'
        else 'on_course'
    end as state,
    state in ('behind', 'overdue') as is_behind
from expecting
order by period, not is_behind, reached nulls last, task
