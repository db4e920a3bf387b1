-- What was upgraded in each township, in each round, and with how much money?
-- One row per township with a station (null: the county itself, first) and round (null: none);
-- columns as in `upgrades`.
select
    stations.township,
    stations.upgrade_round,
    count(*) as stations,
    sum(stations.funding_10k) as funding_10k
from stations
left join townships using (township)
group by all
order by
    list_position(['街道', '镇', '管理区'], any_value(townships.kind)) nulls first,
    stations.township nulls first,
    stations.upgrade_round nulls last
