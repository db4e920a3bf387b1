-- What did the checks of each item find, and what of it is mended?
-- One row per item of formats.md, in its order: checks (of one item at one place on one visit),
-- findings and mended ones of the period; `open_now` counts findings of any time not mended yet.
-- uses: periods
with items as (
    select
        unnest(['点位', '标牌', '制度', '信息公开', '运行管理']) as item,
        unnest([1, 2, 3, 4, 5]) as position
),
checked as (
    select
        item,
        count(distinct (guidance.date, leader, township, station_id)) as checks,
        count(finding) as findings,
        count(fixed) as mended
    from guidance
    join periods on guidance.date between periods.starts and periods.ends
    group by all
),
unmended as (
    select item, count(*) as findings
    from guidance
    where finding is not null and fixed is null
    group by all
)
select
    items.item,
    coalesce(checked.checks, 0) as checks,
    coalesce(checked.findings, 0) as findings,
    coalesce(checked.mended, 0) as mended,
    coalesce(unmended.findings, 0) as open_now
from items
left join checked using (item)
left join unmended using (item)
order by items.position
