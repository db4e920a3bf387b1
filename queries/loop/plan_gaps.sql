-- Which townships' records are missing from the year so far?
-- One row per township that has not reported a quarter of the period in some format: the numbers of
-- these quarters.
-- uses: unreported
select
    township,
    list_sort(list_distinct(list(quarter(quarter)))) as quarters
from unreported
group by all
order by township
