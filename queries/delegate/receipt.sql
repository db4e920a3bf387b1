-- What is this delegate's base score made of?
-- One row per indicator of the scheme: the delegate's rows of `receipts`.
-- uses: receipts
select * exclude (period, delegate_id, dimension_position, position)
from receipts
where delegate_id = $delegate_id
order by dimension_position, position
