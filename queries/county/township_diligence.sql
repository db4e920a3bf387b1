-- How well did each township's delegates do in each of the four diligences (四勤)?
-- One row per period, township and diligence; `mean_rate` (0 to 1) is the mean of the delegates'
-- own rates in it, `rated` how many delegates have one.
-- uses: members lenses diligences
select
    members.period,
    members.township,
    diligences.diligence,
    diligences.position,
    count(lenses.rate) as rated,
    avg(lenses.rate order by lenses.rate) as mean_rate
from members
cross join diligences
left join lenses using (period, delegate_id, diligence)
group by all
order by members.period, members.township, diligences.position nulls last, diligences.diligence
