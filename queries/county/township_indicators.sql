-- How well did each township attain each indicator, on average over its delegates?
-- One row per period, township and indicator; `rated` is how many delegates the mean is of.
-- uses: members rates
select
    rates.period,
    members.township,
    rates.indicator,
    rates.position,
    count(rates.rate) as rated,
    avg(rates.rate order by rates.rate) as mean_rate
from rates
join members using (period, delegate_id)
group by all
order by rates.period, members.township, rates.position
