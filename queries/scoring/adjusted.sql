-- What do the adjustments of the period change for each delegate?
-- One row per period and delegate with adjustments inside the mandate: points up and down, the
-- lowest grade cap as the position of its band, and whether the grade is removed.
-- uses: quarters mandates
select
    mandates.period,
    mandates.delegate_id,
    coalesce(sum(points) filter (adjustments.kind = '加分'), 0) as up,
    coalesce(sum(points) filter (adjustments.kind = '扣分'), 0) as down,
    max(scheme_bands.position) filter (adjustments.kind = '等次上限') as cap,
    bool_or(adjustments.kind = '不定等次') as undetermined
from adjustments
join quarters on quarters.quarter = date_trunc('quarter', adjustments.date)
join mandates
    on mandates.period = quarters.period and mandates.delegate_id = adjustments.delegate_id
left join scheme_bands on scheme_bands.grade = adjustments.grade
where adjustments.date between mandates.start_date and mandates.last_date
group by all
