-- Who may sign and vote in which local congress?
-- One row per delegate in office on $today, by congress: `congress` is the level, of 乡镇级 the
-- township. Of prefecture and province these are not all: the roster has only the county's own.
select
    if(level = 'township', township, level) as congress,
    level,
    delegate_id,
    name,
    township,
    district
from delegates
where level <> 'national'
    and congress is not null
    and $today >= start_date
    and $today <= coalesce(end_date, date '9999-12-31')
order by
    list_position(['county', 'township', 'prefecture', 'provincial'], level),
    congress,
    name,
    delegate_id
