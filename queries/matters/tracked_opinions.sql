-- Where does each opinion stand, on the day `today`?
-- One row per opinion; its township is its delegate's. `state`: unrouted (neither routed nor
-- closed), open, closed. `waited` is days from collecting to routing, `days_open` from collecting
-- to closing or to today.
select
    opinion_id,
    opinions.delegate_id,
    delegates.name,
    delegates.level,
    delegates.township,
    date,
    content,
    category,
    source,
    tier,
    routed,
    closed,
    outcome,
    campaign,
    case
        when closed is not null then 'closed'
        when routed is null then 'unrouted'
        else 'open'
    end as state,
    routed - date as waited,
    coalesce(closed, $today) - date as days_open
from opinions
join delegates on delegates.delegate_id = opinions.delegate_id
