-- Who is this delegate?
-- One row, or none if the roster does not know $delegate_id.
-- uses: roster
select *
from roster
where delegate_id = $delegate_id
