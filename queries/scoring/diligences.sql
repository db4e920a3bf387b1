-- Which are the four diligences (四勤), the scheme's second lens on the same points?
-- One row per diligence, in its usual order, with the indicators that it looks at.
select
    diligence,
    list_position(['勤动脑', '勤动手', '勤动口', '勤动腿'], diligence) as position,
    string_agg(name, '；' order by scheme_indicators.position) as indicators
from scheme_indicators
group by all
order by position nulls last, diligence
