-- How satisfied are delegates with the replies of each agency?
-- One row per agency and township, and all townships together, which `all_townships` marks: the
-- replies dated in the period by satisfaction; `satisfied_share` is of those that were rated.
-- uses: periods tracked_suggestions
select
    agency,
    township,
    grouping(township) = 1 as all_townships,
    count(*) as replied,
    count(*) filter (satisfaction = '满意') as satisfied,
    count(*) filter (satisfaction = '基本满意') as partly,
    count(*) filter (satisfaction = '不满意') as dissatisfied,
    count(*) filter (satisfaction is null) as unrated,
    satisfied / nullif(count(satisfaction), 0) as satisfied_share
from tracked_suggestions
join periods on replied between starts and ends
group by grouping sets ((agency, township), (agency))
order by satisfied_share desc nulls last, replied desc, agency
