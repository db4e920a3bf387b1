-- How have the county's figures changed between two periods?
-- One row if both periods have figures: each figure of $period less that of $before.
-- uses: county_figures
select
    now.scored - earlier.scored as scored,
    now.townships_not_reported - earlier.townships_not_reported as townships_not_reported,
    now.active_share - earlier.active_share as active_share,
    now.households_visited - earlier.households_visited as households_visited,
    now.receptions - earlier.receptions as receptions,
    now.opinions - earlier.opinions as opinions,
    now.opinions_closed - earlier.opinions_closed as opinions_closed,
    now.mean_score - earlier.mean_score as mean_score
from county_figures as now
join county_figures as earlier on earlier.period = $before
where now.period = $period
