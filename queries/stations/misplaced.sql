-- Which delegates are not placed in their township, and why?
-- One row per period and delegate of the four levels in office on its last day: unplaced, placed
-- at a number that the register lacks, or placed at another township's station.
-- uses: placements
select
    period,
    delegate_id,
    name,
    level,
    township,
    placement,
    station_id,
    station,
    station_township
from placements
where in_office and of_four_levels and placement <> 'at_home'
order by
    period,
    list_position(['unplaced', 'unknown', 'elsewhere'], placement),
    township nulls last,
    delegate_id
