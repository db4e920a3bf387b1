-- What does each delegate have on record that an indicator may count?
-- One row per live record and way of counting it: `amount` adds up to the value of the indicator,
-- `credit` of `chance` is what was earned of what could be earned.
select delegate_id, 'activity' as counts, kind, date, 1.0 as amount, 0.0 as credit, 0.0 as chance
from activities
where status <> '已退回'
union all
select delegate_id, 'quantity', kind, date, quantity, 0, 0
from activities
where status <> '已退回'
union all
select delegate_id, 'opinion', '', date, 1, 0, 0
from opinions
union all
select delegate_id, 'suggestion', '', date, 1, 0, 0
from suggestions
union all
select unnest(list_distinct(cosigner_ids)), 'suggestion', '', date, co_signature, 0, 0
from suggestions
cross join scheme
union all
select delegate_id, 'reply', '', replied, 1, quality, 1
from suggestions
cross join lateral (
    select arg_min(scheme_qualities.quality, scheme_qualities.position) as quality
    from scheme_qualities
    where scheme_qualities.outcome = suggestions.outcome
        and coalesce(scheme_qualities.satisfaction = suggestions.satisfaction, scheme_qualities.satisfaction is null)
)
where replied is not null and quality is not null
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
