-- What sorts of activity make up this campaign in the period?
-- One row per kind of activity: records, the total of their quantities, and the delegates in them.
-- uses: campaign_deeds
select
    kind,
    count(*) as activities,
    sum(quantity)::bigint as quantity,
    count(distinct delegate_id) as participants
from campaign_deeds
group by kind
order by activities desc, kind
