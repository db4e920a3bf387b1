-- What did the inspections of this station find, and has it been mended?
-- One row per item inspected up to the period's end, latest first.
-- uses: periods
select guidance.date, guidance.leader, guidance.item, guidance.finding, guidance.fixed
from guidance
join periods on guidance.date <= periods.ends
where guidance.station_id = $station_id
order by guidance.date desc, guidance.leader, guidance.item, guidance.finding
