-- Where did each delegate stand in each period asked for, and what was usual among the peers?
-- One row per period and delegate with an eligible day in it; peers are the delegates of the same
-- level with a score.
-- uses: standings
select
    *,
    median(score) over peers_of_level as peer_median,
    quantile_cont(score, 0.25) over peers_of_level as peer_quarter,
    quantile_cont(score, 0.75) over peers_of_level as peer_three_quarters
from standings
where eligible > 0
window peers_of_level as (partition by period, level)
order by period, delegate_id
