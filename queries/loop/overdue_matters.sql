-- Which suggestions and issues are past their legal limit?
-- One row per suggestion without a reply or issue not fixed whose due day has passed, the latest
-- first.
-- uses: open_matters
select matter, number, title, campaign, township, agency, due, days_late
from open_matters
where state = 'overdue'
order by days_late desc, matter desc, number
