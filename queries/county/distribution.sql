-- How are the scores distributed, and over which grades?
-- One row per five-point step that holds a delegate of a graded level, and grade that delegates of
-- the step have: best first, 不定等次 last.
-- uses: members
select
    least(105, floor(round(members.score, 9) / 5) * 5)::integer as step,
    members.grade,
    coalesce(
        scheme_bands.position, (select 1 + max(scheme_bands.position) from scheme_bands)
    ) as position,
    count(*) as delegates
from members
left join scheme_bands using (grade)
where members.score is not null
group by all
order by step, position
