-- What does the county watch over (监督对象)?
-- One row per object of the register.
select kind, object_id, name, township, method, status
from supervised
order by kind, township nulls last, object_id
