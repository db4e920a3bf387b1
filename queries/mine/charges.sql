-- Who looks after which unit (包联)?
-- One row per leader and unit, a township or a group of delegates: of the assignments, and of the
-- 包联领导 in the register of townships. `leader_code` stands for the name where no name may stand;
-- `known`: the township is on the register, the group on the roster.
with named as (
    select leader, unit_kind, unit from assignments
    union
    select leader, '镇街', township from townships where leader is not null
)
select
    leader,
    left(md5(leader), 8) as leader_code,
    unit_kind,
    unit,
    exists (from townships where unit_kind = '镇街' and township = unit)
        or exists (from delegates where unit_kind = '代表小组' and group_name = unit) as known
from named
