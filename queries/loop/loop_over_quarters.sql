-- How has the loop turned over the quarters?
-- One row per period: what was done in it, and what was open or late on its last day (or `today`,
-- if that is earlier) by the days on record, missing before the first of its kind. Days from collecting to routing are of the opinions
-- collected in the period.
-- uses: periods tracked_opinions tracked_suggestions tracked_issues
with spans as (
    select period, starts, ends, least(ends, $today) as day
    from periods
),
visited as (
    select
        period,
        count(distinct (leader, township, date)) filter (date between starts and ends) as visits,
        count(finding) filter (date between starts and ends) as findings,
        count(finding) filter (date <= day and (fixed is null or fixed > day)) as open_findings
    from spans
    join guidance on guidance.date <= ends
    group by all
),
collected as (
    select
        period,
        count(*) filter (date between starts and ends) as opinions,
        median(waited) filter (date between starts and ends) as days_median,
        quantile_cont(waited, 0.9) filter (date between starts and ends) as days_nine_of_ten,
        count(*) filter (
            date <= day and (routed is null or routed > day) and (closed is null or closed > day)
        ) as unrouted
    from spans
    join tracked_opinions as opinions on opinions.date <= ends
    group by all
),
matters as (
    select date, due, replied as done from tracked_suggestions
    union all
    select date, due, fixed from tracked_issues
),
tracked as (
    select
        period,
        count(*) filter (done is null or done > day) as open,
        count(*) filter ((done is null or done > day) and due < day) as overdue
    from spans
    join matters on matters.date <= day
    group by all
)
select
    spans.period,
    visited.visits,
    visited.findings,
    visited.open_findings,
    collected.opinions,
    collected.days_median,
    collected.days_nine_of_ten,
    collected.unrouted,
    tracked.open,
    tracked.overdue
from spans
left join visited using (period)
left join collected using (period)
left join tracked using (period)
order by spans.starts, spans.ends
