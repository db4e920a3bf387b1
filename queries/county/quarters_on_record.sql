-- Which quarters hold any records?
-- One row per quarter, such as 2026Q3, that an upload which stands belongs to; oldest first.
select distinct quarter
from uploads
where state = 'stands' and quarter is not null
order by quarter
