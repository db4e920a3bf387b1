-- Whom does this leader look after?
-- One row per unit of $leader and delegate of it on the roster, whenever in office.
-- uses: charges
select unit_kind, unit, delegate_id
from charges
join delegates on delegates.township = charges.unit
where leader = $leader and unit_kind = '镇街'
union all
select unit_kind, unit, delegate_id
from charges
join delegates on delegates.group_name = charges.unit
where leader = $leader and unit_kind = '代表小组'
