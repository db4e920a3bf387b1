-- Who is this delegate?
-- One row, or none if the roster does not know $delegate_id.
select *
from delegates
where delegate_id = $delegate_id
