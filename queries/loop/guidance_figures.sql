-- How much guidance was there in the period, and what of it is not mended?
-- One row: visits (one leader, township and day) and townships visited, checks, findings and mended
-- ones of the period; open findings of any time and how many days the longest is open. Missing
-- where no guidance is on record at all.
-- uses: periods
with marked as (
    select
        guidance.*,
        guidance.date between periods.starts and periods.ends as in_period,
        finding is not null and fixed is null as unmended
    from guidance
    cross join periods
)
select
    count(distinct (leader, township, date)) filter (in_period) as visits,
    count(distinct township) filter (in_period) as townships_visited,
    (select count(*) from townships) as townships,
    count(distinct (leader, township, date, station_id, item)) filter (in_period) as checks,
    count(finding) filter (in_period) as findings,
    count(fixed) filter (in_period) as mended,
    count(*) filter (unmended) as open_findings,
    max(if(unmended, $today - date, null)) as longest_open
from marked
having count(*) > 0
