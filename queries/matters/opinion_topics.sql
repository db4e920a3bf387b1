-- What are the opinions of a period about, where were they heard, and what has come of them?
-- One row per `topic`, a category or a source as `kind` says, for each
-- township and for all together, which `all_townships` marks: opinions collected in the period,
-- how many of them are closed and solved; `solved_share` is of the closed ones.
-- uses: periods tracked_opinions
select
    if(grouping(category) = 0, 'category', 'source') as kind,
    coalesce(category, source) as topic,
    township,
    grouping(township) = 1 as all_townships,
    count(*) as collected,
    count(closed) as closed,
    count(*) filter (closed is not null and outcome = '已解决') as solved,
    solved / nullif(count(closed), 0) as solved_share
from tracked_opinions
join periods on date between starts and ends
group by grouping sets ((category), (source), (category, township), (source, township))
order by collected desc, topic
