-- What are the suggestions of a period about, and what has come of them?
-- One row per category, township and agency, and for each of the last two all of them together,
-- which `all_townships` and `all_agencies` mark: suggestions filed in the period, how many of them
-- are replied and solved; `solved_share` is of the replies.
-- uses: periods tracked_suggestions
select
    category,
    township,
    agency,
    grouping(township) = 1 as all_townships,
    grouping(agency) = 1 as all_agencies,
    count(*) as filed,
    count(replied) as replied,
    count(*) filter (replied is not null and outcome = '已解决') as solved,
    solved / nullif(count(replied), 0) as solved_share
from tracked_suggestions
join periods on date between starts and ends
group by category, cube (township, agency)
order by filed desc, category
