-- Which leaders look after something, and what?
-- One row per leader, those of townships first: the units by kind, whether or not still known.
-- uses: charges
select
    leader,
    leader_code,
    coalesce(list(unit order by unit) filter (unit_kind = '镇街'), []) as townships,
    coalesce(list(unit order by unit) filter (unit_kind = '代表小组'), []) as groups
from charges
group by all
order by len(townships) = 0, leader
