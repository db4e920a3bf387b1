-- What does each delegate have on record that an indicator may count?
-- One row per live record and way of counting it: `amount` adds up to the value of the indicator,
-- `credit` of `chance` is what was earned of what could be earned; of suggestions, led ones alone
-- are a chance.
with live_activities as (
    select delegate_id, kind, date, quantity
    from activities
    where status <> '已退回'
),
led as (
    select suggestion_id, delegate_id, cosigner_ids, date, replied, outcome, satisfaction
    from suggestions
),
replies as (
    -- of the scheme's qualities the first that fits; a reply without an outcome has none yet
    select delegate_id, replied, arg_min(quality, position) as quality
    from led
    join scheme_qualities
        on scheme_qualities.outcome = led.outcome
        and (
            scheme_qualities.satisfaction is null
            or scheme_qualities.satisfaction = led.satisfaction
        )
    where replied is not null
    group by suggestion_id, delegate_id, replied
)
select delegate_id, 'activity' as counts, kind, date, 1.0 as amount, 0.0 as credit, 0.0 as chance
from live_activities
union all
select delegate_id, 'quantity', kind, date, quantity, 0, 0
from live_activities
union all
select delegate_id, 'opinion', '', date, 1, 0, 0
from opinions
union all
select delegate_id, 'suggestion', '', date, 1, 0, 1
from led
union all
select unnest(list_distinct(cosigner_ids)), 'suggestion', '', date, co_signature, 0, 0
from led
cross join scheme
union all
select delegate_id, 'reply', '', replied, 1, quality, 1
from replies
union all
select
    delegate_id,
    'duty_report',
    '',
    date,
    1,
    coalesce(approve, 0) + approval_partly * coalesce(partly, 0),
    coalesce(approve, 0) + coalesce(partly, 0) + coalesce(disapprove, 0)
from duty_reports
cross join scheme
union all
select
    delegate_id,
    'session',
    event_kind,
    date,
    if(result = '出席', half_days, 0),
    half_days * case result when '出席' then 1 when '请假' then leave_credit else 0 end,
    half_days
from attendance
cross join scheme
union all
select
    delegate_id,
    'event',
    event_kind,
    date,
    if(result = '出席', 1, 0),
    0,
    if(result = '请假', 0, 1)
from attendance
