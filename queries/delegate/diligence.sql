-- How do the four diligences (四勤) share this delegate's base score?
-- One row per diligence of the scheme. `points` and `weight` are of the indicators in the base,
-- `rate` their quotient; `contribution` adds up to the base score, and `peer_rate` is the median
-- rate of the level's delegates who have one.
-- uses: lenses diligences
with peers as (
    select lenses.diligence, median(lenses.rate) as peer_rate
    from lenses
    join delegates on delegates.delegate_id = $delegate_id and delegates.level = lenses.level
    group by all
)
select
    diligences.diligence,
    diligences.indicators,
    lenses.points,
    lenses.weight,
    lenses.rate,
    100 * lenses.points / sum(lenses.weight) over () as contribution,
    peers.peer_rate
from diligences
left join lenses
    on lenses.diligence = diligences.diligence and lenses.delegate_id = $delegate_id
left join peers on peers.diligence = diligences.diligence
order by diligences.position nulls last, diligences.diligence
