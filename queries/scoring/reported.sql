-- Which townships have reported which quarter in the formats where absence is not idleness?
-- One row per township, quarter and format (assessment.md, "Reported quarters"). Delegates of no
-- township, named '', report among themselves; a row outside the mandate still shows the sending.
with dated as (
    select delegate_id, date, 'activities' as format from activities where status <> '已退回'
    union all
    select delegate_id, date, 'opinions' as format from opinions
)
select distinct
    coalesce(delegates.township, '') as township,
    date_trunc('quarter', dated.date)::date as quarter,
    dated.format
from dated
join delegates using (delegate_id)
where dated.date between list_min($starts) and list_max($ends)
