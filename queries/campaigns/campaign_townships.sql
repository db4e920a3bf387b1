-- How do the townships take part in this campaign, and what became of their people's concerns?
-- One row per township with a delegate in office in the period (null: delegates of none), the
-- highest participation first. `closed`, `solved` (已解决) and `open` are, on the day `today`, of
-- the concerns `collected` in the period; `solved_in_period` were closed in it, whenever collected.
-- What a township has not reported in the period is missing.
-- uses: periods quarters mandates reported campaign_deeds tracked_opinions
with office as (
    select township, count(*) as delegates
    from mandates
    where eligible > 0
    group by all
),
deeds as (
    select township, count(*) as activities, count(distinct delegate_id) as participants
    from campaign_deeds
    group by all
),
voiced as (
    select
        coalesce(township, '') as township,
        count(*) filter (date between starts and ends) as collected,
        count(*) filter (date between starts and ends and state = 'closed') as closed,
        count(*) filter (
            date between starts and ends and state = 'closed' and outcome = '已解决'
        ) as solved,
        count(*) filter (closed between starts and ends and outcome = '已解决') as solved_in_period
    from tracked_opinions
    cross join periods
    where campaign = $campaign
    group by all
),
sent as (
    select
        reported.township,
        bool_or(reported.format = 'activities') as activities,
        bool_or(reported.format = 'opinions') as opinions
    from reported
    join quarters using (quarter)
    group by all
),
told as (
    select
        nullif(office.township, '') as township,
        office.delegates,
        if(sent.activities, coalesce(deeds.participants, 0), null) as participants,
        if(sent.activities, coalesce(deeds.activities, 0), null) as activities,
        if(sent.opinions, coalesce(voiced.collected, 0), null) as collected,
        if(sent.opinions, coalesce(voiced.closed, 0), null) as closed,
        if(sent.opinions, coalesce(voiced.solved, 0), null) as solved,
        coalesce(voiced.solved_in_period, 0) as solved_in_period
    from office
    left join deeds using (township)
    left join voiced using (township)
    left join sent using (township)
)
select
    *,
    participants / delegates as participation,
    closed - solved as closed_otherwise,
    collected - closed as open
from told
order by participation desc nulls last, delegates desc, township nulls last
