-- How do the four diligences (四勤) share this delegate's base score?
-- One row per diligence of the scheme: the delegate's rows of `diligence_receipts`.
-- uses: diligence_receipts
select * exclude (period, delegate_id, position)
from diligence_receipts
where delegate_id = $delegate_id
order by position nulls last, diligence
