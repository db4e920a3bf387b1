-- Who has reported what?
-- One row per township of the register, period asked for and quarterly format: the live rows
-- (standing, not returned) dated in the period, by the township of their delegate. `expected`:
-- without such rows the quarter counts as not reported.
-- uses: periods live_records
with formats as (
    select unnest(names) as format, generate_subscripts(names, 1) as position
    from (
        select [
            'activities', 'opinions', 'attendance', 'suggestions', 'duty_reports', 'adjustments'
        ] as names
    )
),
counted as (
    select periods.period, delegates.township, dated.format, count(*) as rows
    from live_records as dated
    join delegates using (delegate_id)
    join periods on dated.date between periods.starts and periods.ends
    group by all
)
select
    periods.period,
    townships.township,
    townships.kind,
    formats.format,
    coalesce(counted.rows, 0) as rows,
    formats.format in (
        select reported_in from scheme_indicators where reported_in is not null
    ) as expected
from periods
cross join townships
cross join formats
left join counted
    on counted.period = periods.period
    and counted.township = townships.township
    and counted.format = formats.format
order by
    periods.period,
    list_position(['街道', '镇', '管理区'], townships.kind),
    townships.township,
    formats.position
