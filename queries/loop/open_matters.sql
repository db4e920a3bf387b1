-- Which suggestions wait for their answer, and which issues to be fixed?
-- One row per suggestion not replied to, and per issue not fixed; whose it is: the agency or the
-- task force. States as in the files used.
-- uses: tracked_suggestions tracked_issues
select
    'suggestion' as matter,
    suggestion_id as number,
    title,
    null as campaign,
    agency,
    township,
    due,
    state,
    days_late
from tracked_suggestions
where replied is null
union all
select 'issue', issue_id, content, campaign, taskforce, township, due, state, days_late
from tracked_issues
where fixed is null
