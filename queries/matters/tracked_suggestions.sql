-- Where does each suggestion stand, on the day `today`?
-- One row per suggestion; assessment.md, "Deadlines". Its township and level are its lead's.
-- `state`: unassigned, open, due_soon (within 30 days), overdue, replied, replied_late; a reply to
-- a suggestion without a day of assignment is in time. `days_late` is counted from the due day to
-- the reply, or to today.
with dated as (
    select *, (assigned + to_months(limit_months::integer))::date as due
    from suggestions
)
select
    suggestion_id,
    title,
    dated.delegate_id,
    delegates.name,
    delegates.level,
    delegates.township,
    category,
    date,
    assigned,
    limit_months,
    agency,
    due,
    replied,
    outcome,
    satisfaction,
    coalesce(priority, false) as priority,
    case
        when replied > due then 'replied_late'
        when replied is not null then 'replied'
        when assigned is null then 'unassigned'
        when due < $today then 'overdue'
        when due <= $today + 30 then 'due_soon'
        else 'open'
    end as state,
    case
        when replied > due then replied - due
        when replied is null and due < $today then $today - due
    end as days_late,
    if(replied is null, due - $today, null) as days_left
from dated
join delegates on delegates.delegate_id = dated.delegate_id
