-- How well were meetings attended at each level?
-- One row per period with meetings and level; the row without a level is of all of them.
-- `rate` is those present of those listed, from totals; `sessions` are of a county or township
-- congress, `with_quorum` those that two thirds of all its delegates came to.
-- uses: meetings
select
    period,
    level,
    count(distinct event_id) as meetings,
    sum(invited)::bigint as invited,
    sum(present)::bigint as present,
    sum(on_leave)::bigint as on_leave,
    sum(absent)::bigint as absent,
    sum(present) / sum(invited) as rate,
    count(quorum) as sessions,
    count(*) filter (quorum) as with_quorum
from meetings
group by grouping sets ((period), (period, level))
order by
    period,
    list_position(['county', 'township', 'prefecture', 'provincial', 'national'], level) nulls first
