-- How well did the county attain each indicator, on average over its delegates?
-- One row per period and indicator; `rated` is how many delegates the mean is of.
-- uses: members rates
select
    rates.period,
    rates.indicator,
    rates.position,
    count(rates.rate) as rated,
    avg(rates.rate order by rates.rate) as mean_rate
from rates
join members using (period, delegate_id)
group by all
order by rates.period, rates.position
