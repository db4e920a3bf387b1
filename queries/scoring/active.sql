-- Who did anything at all in the period?
-- One row per period and delegate with a live activity, attendance with 出席, opinion, led
-- suggestion or duty report inside the mandate (assessment.md, "Townships").
-- uses: quarters mandates
with deeds as (
    select delegate_id, date from activities where status <> '已退回'
    union all
    select delegate_id, date from attendance where result = '出席'
    union all
    select delegate_id, date from opinions
    union all
    select delegate_id, date from suggestions
    union all
    select delegate_id, date from duty_reports
)
select distinct mandates.period, mandates.delegate_id
from deeds
join quarters on quarters.quarter = date_trunc('quarter', deeds.date)
join mandates on mandates.period = quarters.period and mandates.delegate_id = deeds.delegate_id
where deeds.date between mandates.start_date and mandates.last_date
    -- follows from the quarters, and is known before any row is read
    and deeds.date between list_min($starts) and list_max($ends)
