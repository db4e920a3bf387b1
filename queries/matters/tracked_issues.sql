-- Where does each issue to be fixed stand, on the day `today`?
-- One row per issue. `state`: fixed, fixed_late, open, due_soon (within 30 days), overdue; without
-- a legal limit it is never late.
select
    issue_id,
    campaign,
    channel,
    township,
    taskforce,
    date,
    due,
    fixed,
    content,
    case
        when fixed > due then 'fixed_late'
        when fixed is not null then 'fixed'
        when due < $today then 'overdue'
        when due <= $today + 30 then 'due_soon'
        else 'open'
    end as state,
    case
        when fixed > due then fixed - due
        when fixed is null and due < $today then $today - due
    end as days_late
from issues
