-- What do each delegate's records in the period add up to?
-- One row per period, delegate and indicator with at least one record inside the mandate.
-- uses: quarters records
select
    quarters.period,
    records.delegate_id,
    scheme_kinds.indicator,
    sum(amount) as amount,
    sum(credit) as credit,
    sum(chance) as chance
from records
join scheme_kinds using (counts, kind)
join delegates using (delegate_id)
join quarters on quarters.quarter = date_trunc('quarter', records.date)
where records.date >= delegates.start_date
    and (delegates.end_date is null or records.date <= delegates.end_date)
group by all
