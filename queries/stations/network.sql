-- Which stations are there, where in the tree does each stand, and which of the five has it?
-- One row per station of the register, in tree order: each right below the one it belongs to.
-- `depth` is 0 at the top. What stands there and is no service centre is `detached`: no_parent,
-- unknown_parent (not, or no longer, on the register), wrong_parent (not of a kind above its own).
-- As kinds go down along every branch, no station is its own ancestor and none is left out.
-- `lacks` are the five that the register denies, `unstated` those it says nothing of; `state` is
-- complete, lacking (any denied) or unstated (none denied, some not said).
with recursive joined as (
    select
        stations.*,
        above.name as name_above,
        list_position(['服务中心', '代表之家', '联络站', '联系点'], stations.kind) as tier,
        list_position(['服务中心', '代表之家', '联络站', '联系点'], above.kind) as tier_above,
        case
            when stations.parent_id is null then if(stations.kind = '服务中心', null, 'no_parent')
            when above.station_id is null then 'unknown_parent'
            when tier_above >= tier then 'wrong_parent'
        end as detached
    from stations
    left join stations as above on above.station_id = stations.parent_id
),
ordered as (
    select
        joined.*,
        row_number() over (
            order by
                detached is not null,
                tier,
                list_position(['街道', '镇', '管理区'], townships.kind) nulls first,
                joined.township nulls first,
                joined.station_id
        ) as turn
    from joined
    left join townships using (township)
),
tree as (
    select station_id, 0 as depth, [turn] as path
    from ordered
    where parent_id is null or detached is not null
    union all
    select ordered.station_id, tree.depth + 1, list_append(tree.path, ordered.turn)
    from ordered
    join tree on tree.station_id = ordered.parent_id
    where ordered.detached is null
)
select
    row_number() over (order by tree.path) as place,
    tree.depth,
    station_id,
    name,
    kind,
    tier,
    township,
    if(detached is null, parent_id, null) as above_id,
    if(detached is null, name_above, null) as above,
    parent_id,
    detached,
    has_venue,
    has_equipment,
    has_delegates,
    has_rules,
    has_records,
    list_where(
        ['venue', 'equipment', 'delegates', 'rules', 'records'],
        [
            has_venue is not distinct from false,
            has_equipment is not distinct from false,
            has_delegates is not distinct from false,
            has_rules is not distinct from false,
            has_records is not distinct from false
        ]
    ) as lacks,
    list_where(
        ['venue', 'equipment', 'delegates', 'rules', 'records'],
        [
            has_venue is null,
            has_equipment is null,
            has_delegates is null,
            has_rules is null,
            has_records is null
        ]
    ) as unstated,
    case
        when len(lacks) > 0 then 'lacking'
        when len(unstated) > 0 then 'unstated'
        else 'complete'
    end as state,
    funding_10k,
    upgrade_round
from ordered
join tree using (station_id)
order by place
