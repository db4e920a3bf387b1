-- How do the units of this leader stand?
-- One row per township and group of delegates of $leader. `delegates`, scores and shares are of
-- those compared in $period (graded levels, in office); groups have no rank. What is open or late
-- is so on the day `today`. `visits` are days in the period on which the leader checked there,
-- missing where no guidance is on record.
-- uses: periods members township_figures my_delegates charges tracked_suggestions tracked_opinions tracked_issues
with compared as (
    select
        members.period,
        my_delegates.unit_kind,
        my_delegates.unit,
        count(*) as delegates,
        count(members.score) as scored,
        avg(members.score order by members.score) as mean_score,
        count(*) filter (members.active) as active,
        avg(members.active::integer) as active_share
    from members
    join my_delegates using (delegate_id)
    group by all
),
ranks as (
    select period, township as unit, rank
    from township_figures
),
replies as (
    select
        unit_kind,
        unit,
        count(*) filter (state in ('unassigned', 'open', 'due_soon', 'overdue')) as open,
        count(*) filter (state = 'due_soon') as due_soon,
        count(*) filter (state = 'overdue') as overdue
    from tracked_suggestions
    join my_delegates using (delegate_id)
    group by all
),
voiced as (
    select unit_kind, unit, count(*) filter (state <> 'closed') as open
    from tracked_opinions
    join my_delegates using (delegate_id)
    group by all
),
problems as (
    select
        township as unit,
        count(*) filter (state in ('open', 'due_soon', 'overdue')) as open,
        count(*) filter (state = 'overdue') as overdue
    from tracked_issues
    group by all
),
checks as (
    select
        township as unit,
        count(*) filter (finding is not null and fixed is null) as unmended,
        count(distinct date) filter (
            leader = $leader
            and date between (select starts from periods where period = $period)
            and (select ends from periods where period = $period)
        ) as visits
    from guidance
    group by all
),
kept as (
    select count(*) > 0 as visits from guidance
)
select
    charges.unit_kind,
    charges.unit,
    charges.known,
    coalesce(now.delegates, 0) as delegates,
    coalesce(now.scored, 0) as scored,
    now.mean_score,
    now.mean_score - earlier.mean_score as mean_change,
    if(charges.unit_kind = '镇街', ranks.rank, null) as rank,
    if(charges.unit_kind = '镇街', ranks_before.rank - ranks.rank, null) as rank_change,
    now.active,
    now.active_share,
    coalesce(replies.open, 0) as suggestions_open,
    coalesce(replies.due_soon, 0) as suggestions_due_soon,
    coalesce(replies.overdue, 0) as suggestions_overdue,
    coalesce(voiced.open, 0) as opinions_open,
    if(charges.unit_kind = '镇街', coalesce(problems.open, 0), null) as issues_open,
    if(charges.unit_kind = '镇街', coalesce(problems.overdue, 0), null) as issues_overdue,
    if(charges.unit_kind = '镇街', coalesce(checks.unmended, 0), null) as findings_open,
    if(charges.unit_kind = '镇街' and kept.visits, coalesce(checks.visits, 0), null) as visits
from charges
cross join kept
left join compared as now
    on now.period = $period and now.unit_kind = charges.unit_kind and now.unit = charges.unit
left join compared as earlier
    on earlier.period = $before
    and earlier.unit_kind = charges.unit_kind
    and earlier.unit = charges.unit
left join ranks on ranks.period = $period and ranks.unit = charges.unit
left join ranks as ranks_before
    on ranks_before.period = $before and ranks_before.unit = charges.unit
left join replies
    on replies.unit_kind = charges.unit_kind and replies.unit = charges.unit
left join voiced
    on voiced.unit_kind = charges.unit_kind and voiced.unit = charges.unit
left join problems on problems.unit = charges.unit
left join checks on checks.unit = charges.unit
where leader = $leader
order by charges.unit_kind = '代表小组', ranks.rank nulls last, charges.unit
