-- Who are the delegates?
-- One row per delegate of the roster, in office or not.
select *
from delegates
order by delegate_id
