-- How are the scores distributed, and where do the grades begin?
-- One row per five-point step that holds a delegate of a graded level, and grade band of the step.
-- uses: members
select
    least(105, floor(score / 5) * 5)::integer as step,
    scheme_bands.grade as band,
    scheme_bands.position,
    count(*) as delegates
from members
cross join lateral (
    select grade, position
    from scheme_bands
    where round(members.score, 9) >= at_least
    order by position
    limit 1
) as scheme_bands
where score is not null
group by all
order by step
