-- What is each delegate's score, and what is it made of?
-- One row per period and delegate of the roster; the score is missing where too little was reported.
-- uses: periods mandates rates included
with bases as (
    select period, delegate_id, any_value(base) as base, sum(weight) as rated
    from included
    group by all
),
unreported as (
    select period, delegate_id, sum(weight) as weight
    from rates
    where reason = 'not_reported'
    group by all
),
adjusted as (
    select
        mandates.period,
        mandates.delegate_id,
        sum(points) filter (adjustments.kind = '加分') as up,
        sum(points) filter (adjustments.kind = '扣分') as down
    from adjustments
    join mandates using (delegate_id)
    join periods on periods.period = mandates.period
    where adjustments.date between periods.starts and periods.ends
        and adjustments.date between mandates.start_date and mandates.last_date
    group by all
),
absences as (
    select
        mandates.period,
        mandates.delegate_id,
        sum(if(event_kind = '会议', half_days, 0)) as session_half_days,
        sum(if(event_kind = '会议', 0, 1)) as events
    from attendance
    join mandates using (delegate_id)
    join periods on periods.period = mandates.period
    where result = '缺席'
        and attendance.date between periods.starts and periods.ends
        and attendance.date between mandates.start_date and mandates.last_date
    group by all
),
summed as (
    select
        mandates.period,
        mandates.delegate_id,
        mandates.level,
        mandates.township,
        mandates.eligible,
        mandates.whole_year,
        coalesce(bases.rated, 0)
            / nullif(coalesce(bases.rated, 0) + coalesce(unreported.weight, 0), 0) as coverage,
        bases.base,
        least(bonus_cap, coalesce(adjusted.up, 0)) as bonus,
        coalesce(adjusted.down, 0) as adjusted_down,
        session_absence * coalesce(absences.session_half_days, 0) as absence_session,
        least(event_absence_cap, event_absence * coalesce(absences.events, 0)) as absence_event
    from mandates
    cross join scheme
    left join bases using (period, delegate_id)
    left join unreported using (period, delegate_id)
    left join adjusted using (period, delegate_id)
    left join absences using (period, delegate_id)
)
select
    summed.*,
    adjusted_down + absence_session + absence_event as deduction,
    if(
        coverage >= min_coverage and base is not null,
        greatest(
            score_low,
            least(score_high, base + bonus - (adjusted_down + absence_session + absence_event))
        ),
        null
    ) as score
from summed
cross join scheme
