-- What was upgraded in each round, and with how much money?
-- One row per round, in order; null, last, are the stations without a round. `funding_10k` is in
-- 10,000 yuan, missing where none is stated.
select
    upgrade_round,
    count(*) as stations,
    count(distinct township) as townships,
    sum(funding_10k) as funding_10k
from stations
group by upgrade_round
order by upgrade_round nulls last
