-- Which assessment scheme is in force?
-- One row: its name and the checksum that identifies its version.
select name, checksum, min_coverage from scheme
