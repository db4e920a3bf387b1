-- Who of a level climbed and who fell most since the period before?
-- One row per delegate of $level among the $count largest climbs and $count largest falls in rank,
-- of those whose data were reported in full for both: less data is no climb.
-- uses: standings
with moved as (
    select
        delegates.delegate_id,
        delegates.name,
        delegates.township,
        now.level,
        now.rank,
        earlier.rank as rank_before,
        earlier.rank - now.rank as rank_change,
        now.score,
        earlier.score as score_before,
        row_number() over (order by rank_change desc, now.rank, now.delegate_id) as climb,
        row_number() over (order by rank_change, now.rank, now.delegate_id) as fall
    from standings as now
    join standings as earlier using (delegate_id)
    join delegates using (delegate_id)
    where now.period = $period
        and now.level = $level
        and now.coverage = 1
        and earlier.coverage = 1
        and earlier.period = $before
        and now.rank is not null
        and earlier.rank is not null
)
select * exclude (climb, fall)
from moved
where (climb <= $count and rank_change > 0) or (fall <= $count and rank_change < 0)
order by rank_change desc, rank, delegate_id
