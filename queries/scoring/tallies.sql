-- What do each delegate's records in the period add up to?
-- One row per period, delegate and indicator with at least one record inside the mandate.
-- uses: quarters mandates records
select
    quarters.period,
    records.delegate_id,
    scheme_kinds.indicator,
    -- added up as decimals, so that the order of the rows does not show in the last digit
    sum(amount::decimal(18, 9))::double as amount,
    sum(credit::decimal(18, 9))::double as credit,
    sum(chance::decimal(18, 9))::double as chance
from records
join scheme_kinds using (counts, kind)
join quarters on quarters.quarter = date_trunc('quarter', records.date)
join mandates
    on mandates.period = quarters.period and mandates.delegate_id = records.delegate_id
where records.date between mandates.start_date and mandates.last_date
    -- follows from the quarters, and is known before any row is read
    and records.date between list_min($starts) and list_max($ends)
group by all
