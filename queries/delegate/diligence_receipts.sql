-- How do the four diligences (四勤) share each delegate's base score?
-- One row per period, delegate of the roster and diligence of the scheme. `points` and `weight` are
-- of the indicators in the base, `rate` their quotient; `contribution` adds up to the base score,
-- and `peer_rate` is the median rate of the level's delegates who have one.
-- uses: periods lenses diligences
with peers as (
    select period, level, diligence, median(rate) as peer_rate
    from lenses
    group by all
)
select
    periods.period,
    delegates.delegate_id,
    diligences.position,
    diligences.diligence,
    diligences.indicators,
    lenses.points,
    lenses.weight,
    lenses.rate,
    100 * lenses.points / sum(lenses.weight) over whole as contribution,
    peers.peer_rate
from delegates
cross join periods
cross join diligences
left join lenses
    on lenses.period = periods.period
    and lenses.delegate_id = delegates.delegate_id
    and lenses.diligence = diligences.diligence
left join peers
    on peers.period = periods.period
    and peers.level = delegates.level
    and peers.diligence = diligences.diligence
window whole as (partition by periods.period, delegates.delegate_id)
order by periods.period, delegates.delegate_id, diligences.position nulls last, diligences.diligence
