-- Who did anything at all in the period?
-- One row per period and delegate with a live activity, attendance with 出席, opinion, led
-- suggestion or duty report inside the mandate (assessment.md, "Townships").
-- uses: quarters
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
select distinct quarters.period, deeds.delegate_id
from deeds
join delegates using (delegate_id)
join quarters on quarters.quarter = date_trunc('quarter', deeds.date)
where deeds.date between delegates.start_date and coalesce(delegates.end_date, deeds.date)
