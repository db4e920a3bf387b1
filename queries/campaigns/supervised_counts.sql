-- How many objects does the county watch over, of which kind, and how?
-- One row per kind (`way` kind), per kind and method, and per kind and status of the register;
-- `value` is the method or status, null where none is said. The most numerous kind first.
with counted as (
    select
        case
            when grouping(method) = 0 then 'method'
            when grouping(status) = 0 then 'status'
            else 'kind'
        end as way,
        kind,
        coalesce(method, status) as value,
        count(*) as objects
    from supervised
    group by grouping sets ((kind), (kind, method), (kind, status))
)
select *
from counted
order by
    way,
    sum(objects) over (partition by way, kind) desc,
    kind,
    objects desc,
    value nulls last
