-- How far have the suggestions of a period come, and which are open on the day `today`?
-- One row per township and agency, and for each of the two all of them together, which
-- `all_townships` and `all_agencies` mark. Of those filed in the period: filed, assigned, replied,
-- in_time, satisfied. Whenever filed: on_record, in_hand (assigned, without reply), of which due_soon
-- and overdue, the most days_late; unassigned.
-- uses: periods tracked_suggestions
with dated as (
    select
        tracked_suggestions.*,
        date between starts and ends as of_period,
        state in ('replied', 'replied_late') as is_replied,
        state in ('open', 'due_soon', 'overdue') as is_in_hand
    from tracked_suggestions
    cross join periods
)
select
    township,
    agency,
    grouping(township) = 1 as all_townships,
    grouping(agency) = 1 as all_agencies,
    count(*) filter (of_period) as filed,
    count(*) filter (of_period and state <> 'unassigned') as assigned,
    count(*) filter (of_period and is_replied) as replied,
    count(*) filter (of_period and state = 'replied') as in_time,
    count(*) filter (of_period and is_replied and satisfaction = '满意') as satisfied,
    count(*) as on_record,
    count(*) filter (is_in_hand) as in_hand,
    count(*) filter (state = 'due_soon') as due_soon,
    count(*) filter (state = 'overdue') as overdue,
    max(days_late) filter (state = 'overdue') as days_late,
    count(*) filter (state = 'unassigned') as unassigned
from dated
group by cube (township, agency)
order by all_townships desc, township, all_agencies desc, agency
