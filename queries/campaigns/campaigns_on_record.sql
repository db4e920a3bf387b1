-- Which campaigns have anything on record?
-- One row per campaign (主题): its live activities, opinions and issues, and the day of the latest;
-- first those of the latest quarter, of one quarter the busiest.
with dated as (
    select campaign, date, 'activities' as format from activities where status <> '已退回'
    union all
    select campaign, date, 'opinions' from opinions
    union all
    select campaign, date, 'issues' from issues
)
select
    campaign,
    count(*) filter (format = 'activities') as activities,
    count(*) filter (format = 'opinions') as opinions,
    count(*) filter (format = 'issues') as issues,
    max(date) as last_date
from dated
where campaign is not null
group by campaign
order by date_trunc('quarter', max(date)) desc, count(*) desc, campaign
