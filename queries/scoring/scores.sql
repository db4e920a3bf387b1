-- What is each delegate's score, and what is it made of?
-- One row per period and delegate of the roster; the score is missing where too little was reported.
-- uses: quarters mandates rates included adjusted
with bases as (
    select
        rates.period,
        rates.delegate_id,
        100 * arg_max(included.mean_so_far, included.place) filter (included.in_base) as base,
        coalesce(sum(rates.weight) filter (rates.rate is not null), 0) as rated,
        coalesce(sum(rates.weight) filter (rates.reason = 'not_reported'), 0) as unreported
    from rates
    left join included using (period, delegate_id, indicator)
    group by all
),
absences as (
    select
        mandates.period,
        mandates.delegate_id,
        sum(if(event_kind = '会议', half_days, 0)) as session_half_days,
        sum(if(event_kind = '会议', 0, 1)) as events
    from attendance
    join quarters on quarters.quarter = date_trunc('quarter', attendance.date)
    join mandates
        on mandates.period = quarters.period and mandates.delegate_id = attendance.delegate_id
    where result = '缺席'
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
        bases.rated / nullif(bases.rated + bases.unreported, 0) as coverage,
        bases.base,
        least(bonus_cap, coalesce(adjusted.up, 0)) as bonus,
        coalesce(adjusted.down, 0) as adjusted_down,
        session_absence * coalesce(absences.session_half_days, 0) as absence_session,
        least(event_absence_cap, event_absence * coalesce(absences.events, 0)) as absence_event
    from mandates
    cross join scheme
    left join bases using (period, delegate_id)
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
