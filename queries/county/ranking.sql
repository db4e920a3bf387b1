-- Who ranks where, and how has that changed since the period before?
-- One row per delegate with an eligible day in $period: ranked ones first, within their level.
-- uses: standings
select
    now.rank,
    earlier.rank as rank_before,
    earlier.rank - now.rank as rank_change,
    now.delegate_id,
    delegates.name,
    now.level,
    delegates.township,
    delegates.role,
    now.score,
    now.score - earlier.score as score_change,
    now.grade,
    now.base,
    now.bonus,
    now.deduction,
    now.coverage,
    now.eligible,
    now.graded,
    now.peers
from standings as now
join delegates using (delegate_id)
left join standings as earlier
    on earlier.delegate_id = now.delegate_id and earlier.period = $before
where now.period = $period and now.eligible > 0
order by
    now.graded desc,
    list_position(['county', 'township', 'prefecture', 'provincial', 'national'], now.level),
    now.rank nulls last,
    round(now.score, 9) desc nulls last,
    now.delegate_id
