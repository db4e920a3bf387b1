-- Which townships have reported which quarter in the formats where absence is not idleness?
-- One row per township, quarter and format (assessment.md, "Reported quarters").
with dated as (
    select delegate_id, date, 'activities' as format from activities where status <> '已退回'
    union all
    select delegate_id, date, 'opinions' as format from opinions
)
select distinct
    coalesce(township, '') as township,  -- delegates of no township report among themselves
    date_trunc('quarter', date)::date as quarter,
    format
from dated
join delegates using (delegate_id)
