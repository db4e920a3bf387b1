-- Where does the loop stick, township by township?
-- One row per township of the register, what sticks most first, and a last one (null) of what waits
-- or is open in none, if there is any. Visits are of the period; what is open, waiting or overdue is
-- so on the day `today`, and missing where none of its kind is on record at all. `stuck` adds up open
-- findings, opinions not routed, suggestions and issues overdue.
-- uses: periods tracked_opinions open_matters
with kept as (
    select
        exists (from guidance) as guidance,
        exists (from opinions) as opinions,
        exists (from suggestions) as suggestions,
        exists (from issues) as issues
),
visited as (
    select
        township,
        max(guidance.date) as last_visit,
        count(distinct (leader, guidance.date))
            filter (guidance.date between periods.starts and periods.ends) as visits,
        count(*) filter (finding is not null and fixed is null) as open_findings
    from guidance
    cross join periods
    group by all
),
waiting as (
    select coalesce(township, '') as township, count(*) as unrouted
    from tracked_opinions
    where state = 'unrouted'
    group by all
),
matters as (
    select
        coalesce(township, '') as township,
        count(*) filter (matter = 'suggestion') as suggestions_open,
        count(*) filter (matter = 'suggestion' and state = 'overdue') as suggestions_overdue,
        count(*) filter (matter = 'issue') as issues_open,
        count(*) filter (matter = 'issue' and state = 'overdue') as issues_overdue
    from open_matters
    group by all
),
places as (
    select township, kept.guidance as is_visited
    from townships
    cross join kept
    union all
    -- no visit is to no township
    select '', false
    where exists (from waiting where township = '') or exists (from matters where township = '')
)
select
    nullif(places.township, '') as township,
    if(places.is_visited, coalesce(visited.visits, 0), null) as visits,
    visited.last_visit,
    if(places.is_visited, coalesce(visited.open_findings, 0), null) as open_findings,
    if(kept.opinions, coalesce(waiting.unrouted, 0), null) as unrouted,
    if(kept.suggestions, coalesce(matters.suggestions_open, 0), null) as suggestions_open,
    if(kept.suggestions, coalesce(matters.suggestions_overdue, 0), null) as suggestions_overdue,
    if(kept.issues, coalesce(matters.issues_open, 0), null) as issues_open,
    if(kept.issues, coalesce(matters.issues_overdue, 0), null) as issues_overdue,
    coalesce(visited.open_findings, 0)
        + coalesce(waiting.unrouted, 0)
        + coalesce(matters.suggestions_overdue, 0)
        + coalesce(matters.issues_overdue, 0) as stuck
from places
cross join kept
left join visited using (township)
left join waiting using (township)
left join matters using (township)
order by places.township = '', stuck desc, places.township
