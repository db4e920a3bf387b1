-- Who is placed at this station?
-- One row per delegate in office on the period's last day, the highest levels first.
-- uses: placements
select delegate_id, name, level, township, role, group_name
from placements
where station_id = $station_id and placed and in_office
order by
    list_position(['national', 'provincial', 'prefecture', 'county', 'township'], level),
    delegate_id
