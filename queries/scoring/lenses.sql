-- How does each delegate's base score come about by the four diligences (四勤)?
-- One row per period, delegate and diligence with an indicator in the base score: the sums of
-- weight × rate and of weight over these indicators, and their quotient.
-- uses: included
select
    included.period,
    included.delegate_id,
    included.level,
    scheme_indicators.diligence,
    sum(included.weight * included.rate) as points,
    sum(included.weight) as weight,
    sum(included.weight * included.rate) / sum(included.weight) as rate
from included
join scheme_indicators using (indicator)
where included.in_base
group by all
