-- How does this campaign go in the county as a whole?
-- One row per period. `delegates` are all in office on a day of it, of every level; `participation`
-- is of those whose township reported activities, `unheard` are the others. `solved` were closed in
-- the period as 已解决, whenever collected; `fixed` likewise. `open_now` and `overdue_now` are the
-- campaign's issues on the day `today`, whatever the period. What nobody reported in the period is
-- missing.
-- uses: periods mandates quarters reported campaign_deeds tracked_issues
with heard as (
    select distinct quarters.period, reported.township
    from reported
    join quarters using (quarter)
    where reported.format = 'activities'
),
office as (
    select
        mandates.period,
        count(*) as delegates,
        count(*) filter (heard.township is null) as unheard,
        count(distinct nullif(mandates.township, '')) as townships
    from mandates
    left join heard using (period, township)
    where mandates.eligible > 0
    group by all
),
deeds as (
    select
        period,
        count(*) as activities,
        count(distinct delegate_id) as participants,
        count(distinct nullif(township, '')) as townships
    from campaign_deeds
    group by all
),
voiced as (
    select
        periods.period,
        count(*) filter (opinions.date between starts and ends) as collected,
        count(*) filter (opinions.closed between starts and ends) as closed,
        count(*) filter (
            opinions.closed between starts and ends and opinions.outcome = '已解决'
        ) as solved
    from opinions
    join periods
        on opinions.date between starts and ends or opinions.closed between starts and ends
    where opinions.campaign = $campaign
    group by all
),
problems as (
    select
        periods.period,
        count(*) filter (date between starts and ends) as found,
        count(*) filter (fixed between starts and ends) as fixed,
        count(distinct taskforce) filter (date between starts and ends) as taskforces,
        count(distinct channel) filter (date between starts and ends) as channels
    from tracked_issues
    join periods on date between starts and ends or fixed between starts and ends
    where campaign = $campaign
    group by all
),
outstanding as (
    select
        count(*) filter (state in ('open', 'due_soon', 'overdue')) as open_now,
        count(*) filter (state = 'overdue') as overdue_now
    from tracked_issues
    where campaign = $campaign
),
sent as (
    select
        quarters.period,
        bool_or(reported.format = 'activities') as activities,
        bool_or(reported.format = 'opinions') as opinions
    from reported
    join quarters using (quarter)
    group by all
)
select
    periods.period,
    coalesce(office.delegates, 0) as delegates,
    coalesce(office.unheard, 0) as unheard,
    coalesce(office.townships, 0) as townships,
    if(sent.activities, coalesce(deeds.activities, 0), null) as activities,
    if(sent.activities, coalesce(deeds.participants, 0), null) as participants,
    if(sent.activities, coalesce(deeds.participants, 0), null)
        / nullif(office.delegates - office.unheard, 0) as participation,
    if(sent.activities, coalesce(deeds.townships, 0), null) as townships_active,
    if(sent.opinions, coalesce(voiced.collected, 0), null) as collected,
    coalesce(voiced.closed, 0) as closed,
    coalesce(voiced.solved, 0) as solved,
    coalesce(problems.found, 0) as found,
    coalesce(problems.fixed, 0) as fixed,
    coalesce(problems.taskforces, 0) as taskforces,
    coalesce(problems.channels, 0) as channels,
    outstanding.open_now,
    outstanding.overdue_now
from periods
cross join outstanding
left join office using (period)
left join deeds using (period)
left join voiced using (period)
left join problems using (period)
left join sent using (period)
order by periods.starts, periods.ends
