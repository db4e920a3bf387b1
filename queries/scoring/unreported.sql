-- What have the townships not reported?
-- One row per period, township with a delegate compared, quarter and format of which nothing live
-- is on record (assessment.md, "Reported quarters").
-- uses: quarters mandates reported
with formats as (
    select distinct reported_in as format
    from scheme_indicators
    where reported_in is not null
),
homes as (
    -- whom `members` compares, without their scores
    select distinct mandates.period, mandates.township
    from mandates
    join scheme_levels using (level)
    where scheme_levels.graded and mandates.eligible > 0 and mandates.township <> ''
)
select homes.period, homes.township, quarters.quarter, formats.format
from homes
join quarters using (period)
cross join formats
anti join reported
    on reported.township = homes.township
    and reported.quarter = quarters.quarter
    and reported.format = formats.format
