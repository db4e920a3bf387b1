-- How many tasks of the year's plan kept up with the calendar?
-- One row per period with a plan for its year: tasks, of these measured from the records, on course
-- (or reached) and behind, and of those behind past their due day. Periods as in plan_progress.
-- uses: plan_progress
select
    period,
    count(*) as tasks,
    count(*) filter (state not in ('unmeasured', 'no_data')) as measured,
    count(*) filter (state in ('reached', 'on_course')) as on_course,
    count(*) filter (is_behind) as behind,
    count(*) filter (state = 'overdue') as overdue
from plan_progress
group by all
order by period
