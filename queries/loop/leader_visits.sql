-- Which leader visited which township in the period?
-- One row per leader and township that the leader looks after (包联) or ever visited, the fewest
-- visits first, and of these the longest ago; a visit is one day.
-- uses: periods
with looked_after as (
    select leader, unit as township from assignments where unit_kind = '镇街'
    union
    select leader, township from townships where leader is not null
),
visited as (
    select
        leader,
        township,
        count(distinct guidance.date)
            filter (guidance.date between periods.starts and periods.ends) as visits,
        max(guidance.date) as last_visit
    from guidance
    cross join periods
    group by all
)
select
    leader,
    township,
    coalesce(visited.visits, 0) as visits,
    visited.last_visit,
    looked_after.leader is not null as looks_after
from looked_after
full join visited using (leader, township)
where visits > 0 or looks_after
order by visits, visited.last_visit nulls first, township, leader
