-- How many delegates have each grade, now and in the period before?
-- One row per grade, best first, with the delegates compared that have it in $period and in $before.
-- uses: members
with named as (
    select grade, position from scheme_bands
    union all
    select '不定等次', 1 + max(position) from scheme_bands
)
select
    named.grade,
    count(*) filter (members.period = $period) as delegates,
    count(*) filter (members.period = $before) as delegates_before
from named
left join members using (grade)
group by named.grade, named.position
order by named.position
