-- How are the scores distributed, and where do the grades begin?
-- One row per five-point step that holds a delegate of a graded level, and grade band of the step.
-- uses: members
select
    least(105, floor(round(score, 9) / 5) * 5)::integer as step,
    scheme_bands.grade as band,
    scheme_bands.position,
    count(*) as delegates
from members
asof join scheme_bands on round(members.score, 9) >= scheme_bands.at_least
where score is not null
group by all
order by step, scheme_bands.position
