-- Which numbers beside targets and weights does the scheme in force score with?
-- One row: its caps, deductions and thresholds; shares are 0 to 1.
select
    min_coverage,
    bonus_cap,
    score_low,
    score_high,
    session_absence,
    event_absence,
    event_absence_cap,
    undetermined_below,
    unranked_below,
    excellent_quota
from scheme
