-- From which score on is each grade given?
-- One row per grade, best first; the last begins at minus infinity.
select grade, at_least from scheme_bands order by position
