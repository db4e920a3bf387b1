-- How well did each delegate attain each dimension?
-- One row per delegate and dimension with a rate in the base score of $period; `rate` is 0 to 1.
-- uses: included
select
    included.delegate_id,
    scheme_indicators.dimension,
    scheme_dimensions.position,
    sum(included.weight * included.rate) / sum(included.weight) as rate
from included
join scheme_indicators using (indicator)
join scheme_dimensions using (dimension)
where included.in_base and included.period = $period
group by all
order by included.delegate_id, scheme_dimensions.position
