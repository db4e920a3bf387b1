-- Where did this delegate stand in each period asked for, and what was usual among the peers?
-- One row per period with an eligible day; peers are the delegates of the same level with a score.
-- uses: standings
with compared as (
    select
        *,
        median(score) over (partition by period, level) as peer_median,
        quantile_cont(score, 0.25) over (partition by period, level) as peer_quarter,
        quantile_cont(score, 0.75) over (partition by period, level) as peer_three_quarters
    from standings
    where eligible > 0
)
select *
from compared
where delegate_id = $delegate_id
order by period
