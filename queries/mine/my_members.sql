-- What did the delegates do whom this leader looks after?
-- One row per unit of $leader and delegate of it in office on a day of the period, who did nothing
-- first, then the best score. `is_active`: has a record, as in the townships' share of the active.
-- That, and what activities and opinions count, is missing where the delegate's township did not
-- send them. `events`: attended 视察, 执法检查, 专题调研, 学习培训. Open and overdue suggestions are so on
-- the day `today`.
-- uses: periods quarters mandates standings active reported my_delegates tracked_suggestions
with sent as (
    select
        reported.township,
        bool_or(reported.format = 'activities') as activities,
        bool_or(reported.format = 'opinions') as opinions
    from reported
    join quarters using (quarter)
    group by all
),
deeds as (
    select delegate_id, 'activities' as format, kind, date, quantity
    from activities
    where status <> '已退回'
    union all
    select delegate_id, 'opinions', '', date, 1 from opinions
    union all
    select delegate_id, 'suggestions', '', date, 1 from suggestions
    union all
    select delegate_id, 'attendance', event_kind, date, 1 from attendance where result = '出席'
),
counted as (
    select
        deeds.delegate_id,
        sum(quantity) filter (kind = '入户走访') as households,
        count(*) filter (kind = '接待选民') as receptions,
        count(*) filter (
            format = 'activities' and kind not in ('入户走访', '接待选民')
        ) as other_activities,
        count(*) filter (format = 'opinions') as opinions,
        count(*) filter (format = 'suggestions') as suggestions,
        count(*) filter (format = 'attendance' and kind <> '会议') as events
    from deeds
    join periods on deeds.date between periods.starts and periods.ends
    join mandates on mandates.delegate_id = deeds.delegate_id
        and deeds.date between mandates.start_date and mandates.last_date
    group by all
),
replies as (
    select
        delegate_id,
        count(*) filter (state in ('unassigned', 'open', 'due_soon', 'overdue')) as open,
        count(*) filter (state = 'overdue') as overdue
    from tracked_suggestions
    group by all
)
select
    my_delegates.unit_kind,
    my_delegates.unit,
    delegates.delegate_id,
    delegates.name,
    delegates.level,
    delegates.township,
    delegates.role,
    standings.score,
    standings.rank,
    standings.grade,
    active.delegate_id is not null or if(sent.activities or sent.opinions, false, null)
        as is_active,
    coalesce(counted.households, if(sent.activities, 0, null))::bigint as households,
    coalesce(nullif(counted.receptions, 0), if(sent.activities, 0, null)) as receptions,
    coalesce(nullif(counted.other_activities, 0), if(sent.activities, 0, null))
        as other_activities,
    coalesce(nullif(counted.opinions, 0), if(sent.opinions, 0, null)) as opinions,
    coalesce(counted.suggestions, 0) as suggestions,
    coalesce(counted.events, 0) as events,
    coalesce(replies.open, 0) as suggestions_open,
    coalesce(replies.overdue, 0) as suggestions_overdue
from my_delegates
join standings using (delegate_id)
join delegates using (delegate_id)
left join active using (delegate_id)
left join counted using (delegate_id)
left join replies using (delegate_id)
left join sent on sent.township = coalesce(delegates.township, '')
where standings.eligible > 0
order by
    my_delegates.unit_kind = '代表小组',
    my_delegates.unit,
    is_active is not distinct from false desc,
    round(standings.score, 9) desc nulls last,
    delegates.delegate_id
