-- How does the county stand as a whole?
-- One row per period, over delegates of graded levels with at least one eligible day. Totals are
-- those of the townships that have reported, missing where none has.
-- uses: members unreported
with silent as (
    select period, count(distinct township) as townships_not_reported
    from unreported
    group by all
)
select
    members.period,
    count(*) as delegates,
    count(members.score) as scored,
    count(distinct nullif(members.township, '')) as townships,
    coalesce(any_value(silent.townships_not_reported), 0) as townships_not_reported,
    avg(members.active::integer) as active_share,
    sum(members.households_visited)::bigint as households_visited,
    sum(members.receptions)::bigint as receptions,
    sum(members.opinions)::bigint as opinions,
    sum(members.opinions_closed)::bigint as opinions_closed,
    sum(members.opinions_closed) / nullif(sum(members.opinions), 0) as closed_share,
    avg(members.score order by members.score) as mean_score
from members
left join silent using (period)
group by members.period
order by members.period
