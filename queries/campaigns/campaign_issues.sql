-- What became of the issues that this campaign found in the period?
-- One row per channel, taskforce and township of them (`way` says which, `name` null: not said),
-- and one, `all`, over them all. States are of the day `today`; an issue without a legal limit is
-- never late. `in_time_share` is of those whose limit has decided; days are medians and the most.
-- uses: periods tracked_issues
with discovered as (
    select
        tracked_issues.*,
        tracked_issues.fixed - tracked_issues.date as days_taken,
        tracked_issues.due - tracked_issues.date as days_allowed
    from tracked_issues
    join periods on tracked_issues.date between starts and ends
    where campaign = $campaign
)
select
    case
        when grouping(channel) = 0 then 'channel'
        when grouping(taskforce) = 0 then 'taskforce'
        when grouping(township) = 0 then 'township'
        else 'all'
    end as way,
    coalesce(channel, taskforce, township) as name,
    count(*) as found,
    count(*) filter (state = 'fixed') as in_time,
    count(*) filter (state = 'fixed_late') as late,
    count(*) filter (state in ('open', 'due_soon')) as open,
    count(*) filter (state = 'overdue') as overdue,
    in_time / nullif(in_time + late + overdue, 0) as in_time_share,
    median(days_taken) as days_taken,
    max(days_taken) as most_days_taken,
    median(days_allowed) as days_allowed
from discovered
group by grouping sets ((), (channel), (taskforce), (township))
having count(*) > 0
order by way, name is null, found desc, name
