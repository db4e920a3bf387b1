-- Which issues of this campaign are still to be fixed, and which of the period were fixed late?
-- One row per issue: all that are not fixed on the day `today`, whenever found, and those found in
-- the period and fixed after their legal limit; the latest against it first.
-- uses: periods tracked_issues
select tracked_issues.* exclude (campaign)
from tracked_issues
cross join periods
where campaign = $campaign
    and (
        state in ('overdue', 'due_soon', 'open')
        or (state = 'fixed_late' and date between starts and ends)
    )
order by
    list_position(['overdue', 'due_soon', 'open', 'fixed_late'], state),
    days_late desc nulls last,
    due nulls last,
    issue_id
