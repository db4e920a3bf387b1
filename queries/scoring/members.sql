-- Whom does a comparison of townships compare?
-- One row per period and delegate of a graded level with at least one eligible day, with the score
-- and what the township's figures add up (assessment.md, "Townships"): missing where the township
-- has reported in no quarter of the period what it would be counted from.
-- uses: quarters mandates standings active tallies reported
with amounts as (
    select
        period,
        delegate_id,
        sum(amount) filter (indicator = 'household_visit') as households_visited,
        sum(amount) filter (indicator = 'voter_reception') as receptions,
        sum(amount) filter (indicator = 'publicity') as publicity,
        sum(amount) filter (indicator = 'theme_action') as theme_actions
    from tallies
    group by all
),
collected as (
    select
        mandates.period,
        mandates.delegate_id,
        count(*) as opinions,
        count(opinions.closed) as opinions_closed
    from opinions
    join quarters on quarters.quarter = date_trunc('quarter', opinions.date)
    join mandates
        on mandates.period = quarters.period and mandates.delegate_id = opinions.delegate_id
    where opinions.date between mandates.start_date and mandates.last_date
    group by all
),
sent as (
    select
        quarters.period,
        reported.township,
        bool_or(reported.format = 'activities') as activities,
        bool_or(reported.format = 'opinions') as opinions
    from reported
    join quarters using (quarter)
    group by all
)
select
    standings.period,
    standings.delegate_id,
    standings.township,
    standings.level,
    standings.score,
    standings.coverage,
    standings.grade,
    active.delegate_id is not null as active,
    coalesce(delegates.assigned_households, 0) as households_assigned,
    if(sent.activities, coalesce(amounts.households_visited, 0), null)::bigint as households_visited,
    if(sent.activities, coalesce(amounts.receptions, 0), null)::bigint as receptions,
    if(sent.activities, coalesce(amounts.publicity, 0), null)::bigint as publicity,
    if(sent.activities, coalesce(amounts.theme_actions, 0), null)::bigint as theme_actions,
    if(sent.opinions, coalesce(collected.opinions, 0), null) as opinions,
    if(sent.opinions, coalesce(collected.opinions_closed, 0), null) as opinions_closed
from standings
join delegates using (delegate_id)
left join active using (period, delegate_id)
left join amounts using (period, delegate_id)
left join collected using (period, delegate_id)
left join sent on sent.period = standings.period and sent.township = standings.township
where standings.graded and standings.eligible > 0
