-- What did the delegates do for this campaign?
-- One row per period and live activity of $campaign dated in it, inside the delegate's mandate.
-- uses: quarters mandates
select
    mandates.period,
    mandates.delegate_id,
    mandates.township,
    activities.kind,
    activities.quantity
from activities
join quarters on quarters.quarter = date_trunc('quarter', activities.date)
join mandates
    on mandates.period = quarters.period and mandates.delegate_id = activities.delegate_id
where activities.campaign = $campaign
    and activities.status <> '已退回'
    and activities.date between mandates.start_date and mandates.last_date
    -- follows from the quarters, and is known before any row is read
    and activities.date between list_min($starts) and list_max($ends)
