-- How many delegates of each level are placed?
-- One row per period and level with a delegate in office on its last day, the highest first.
-- uses: placements
select
    period,
    level,
    count(*) as in_office,
    count(*) filter (placed) as placed
from placements
where in_office
group by period, level
order by
    period,
    list_position(['national', 'provincial', 'prefecture', 'county', 'township'], level)
