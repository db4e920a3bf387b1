-- What needs this leader?
-- One row per thing, or per unit where such things come in numbers (`count` of them; `names` of the
-- delegates, stations or formats), the most urgent first: `urgency` 1 the legal limit has passed,
-- 2 it waits, 3 not reported, 4 silent. What is late is so on the day `today`, `days` ago at most;
-- what was not reported and who or what was silent is of the period. `opens` is the number or name
-- of what to look at, the longest waiting of several; `of_need` how many there are of the kind.
-- uses: periods quarters mandates reported active station_months charges my_delegates tracked_suggestions tracked_opinions tracked_issues
with my_townships as (
    select unit as township
    from charges
    where leader = $leader and unit_kind = '镇街'
),
mine as (
    -- of two units of theirs that a delegate belongs to, the township
    select
        delegate_id,
        arg_min(unit_kind, (unit_kind = '代表小组', unit)) as unit_kind,
        arg_min(unit, (unit_kind = '代表小组', unit)) as unit
    from my_delegates
    group by all
),
waiting as (
    -- routed opinions that are open for more than 90 days: no law sets a limit here
    select
        if(state = 'unrouted', 'opinions_unrouted', 'opinions_open') as need,
        mine.unit_kind,
        mine.unit,
        opinion_id,
        content,
        days_open
    from tracked_opinions
    join mine using (delegate_id)
    where state = 'unrouted' or (state = 'open' and days_open > 90)
),
compared as (
    select mandates.delegate_id, mandates.township
    from mandates
    join scheme_levels using (level)
    where scheme_levels.graded and mandates.eligible > 0
),
sent as (
    select reported.township, reported.quarter, reported.format
    from reported
    join quarters using (quarter)
),
unsent as (
    select homes.township, quarters.quarter, formats.format
    from (select distinct township from compared) as homes
    join my_townships using (township)
    cross join quarters
    cross join (
        select distinct reported_in as format
        from scheme_indicators
        where reported_in is not null
    ) as formats
    anti join sent
        on sent.township = homes.township
        and sent.quarter = quarters.quarter
        and sent.format = formats.format
),
silent_stations as (
    select station_id
    from station_months
    group by station_id
    having sum(activities) = 0
),
needs as (
    select
        1 as urgency,
        'suggestion_overdue' as need,
        mine.unit_kind,
        mine.unit,
        title as subject,
        agency as by_whom,
        priority,
        1 as count,
        days_late as days,
        [name] as names,
        suggestion_id as opens
    from tracked_suggestions
    join mine using (delegate_id)
    where state = 'overdue'
    union all
    select
        1, 'issue_overdue', '镇街', township, content, taskforce, false, 1, days_late, [], campaign
    from tracked_issues
    join my_townships using (township)
    where state = 'overdue'
    union all
    select
        2,
        'findings_open',
        '镇街',
        township,
        arg_min(finding, (date, item, finding)),
        null,
        false,
        count(*),
        $today - min(date),
        [],
        township
    from guidance
    join my_townships using (township)
    where finding is not null and fixed is null
    group by township
    union all
    select
        2,
        need,
        unit_kind,
        unit,
        arg_max(content, (days_open, opinion_id)),
        null,
        false,
        count(*),
        max(days_open),
        [],
        arg_max(opinion_id, (days_open, opinion_id))
    from waiting
    group by need, unit_kind, unit
    union all
    select
        3,
        'not_reported',
        '镇街',
        township,
        null,
        null,
        false,
        count(distinct format),
        greatest(0, $today - any_value(periods.ends)),
        list(distinct format order by format),
        township
    from unsent
    cross join periods
    group by township
    union all
    select
        4,
        'stations_silent',
        '镇街',
        township,
        null,
        null,
        false,
        count(*),
        null,
        list(name order by station_id),
        min(station_id)
    from silent_stations
    join stations using (station_id)
    join my_townships using (township)
    group by township
    union all
    select
        4,
        'delegates_silent',
        mine.unit_kind,
        mine.unit,
        null,
        null,
        false,
        count(*),
        null,
        list(delegates.name order by delegates.delegate_id),
        min(delegates.delegate_id)
    from compared
    join mine using (delegate_id)
    join delegates using (delegate_id)
    -- of a township that sent nothing, nobody is known to have been idle
    semi join sent on sent.township = compared.township
    anti join active on active.delegate_id = compared.delegate_id
    group by mine.unit_kind, mine.unit
)
select *, sum(count) over (partition by need)::bigint as of_need
from needs
order by urgency, priority desc, days desc nulls last, count desc, need, unit, opens
