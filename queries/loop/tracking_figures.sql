-- How many matters are open, and how many of them are late?
-- One row per matter on record (suggestion, issue, opinion), and one of those with a legal limit
-- (limited: suggestions and issues): open ones, of these due within 30 days and overdue; done in the
-- period and of these after the limit. An opinion is open once it is routed.
-- uses: periods tracked_suggestions tracked_issues tracked_opinions
with matters as (
    select 'suggestion' as matter, 1 as position, state, replied as done
    from tracked_suggestions
    union all
    select 'issue', 2, state, fixed from tracked_issues
    union all
    select 'opinion', 3, state, closed from tracked_opinions
),
counted as (
    select * from matters
    union all
    select 'limited', 0, state, done from matters where matter <> 'opinion'
)
select
    matter,
    count(*) filter (done is null and state <> 'unrouted') as open,
    if(matter = 'opinion', null, count(*) filter (state = 'due_soon')) as due_soon,
    if(matter = 'opinion', null, count(*) filter (state = 'overdue')) as overdue,
    count(*) filter (done between periods.starts and periods.ends) as done,
    if(
        matter = 'opinion',
        null,
        count(*) filter (
            done between periods.starts and periods.ends
            and state in ('replied_late', 'fixed_late')
        )
    ) as done_late
from counted
cross join periods
group by matter, position
order by position
