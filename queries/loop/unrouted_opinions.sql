-- Which opinions have not been routed yet?
-- One row per opinion, the longest waiting first; `days_waiting` from collecting to `today`.
-- uses: tracked_opinions
select opinion_id, township, date, days_open as days_waiting, category, content
from tracked_opinions
where state = 'unrouted'
order by date, opinion_id
