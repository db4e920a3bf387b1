-- Who has no record of one format in the quarter?
-- One row per delegate in office on a day of it, without a live record of $format dated in it.
-- uses: live_records
select delegates.township, delegates.delegate_id, delegates.name, delegates.level
from delegates
anti join live_records as dated
    on dated.delegate_id = delegates.delegate_id
    and dated.format = $format
    and dated.date between $starts and $ends
where delegates.start_date <= $ends
    and (delegates.end_date is null or delegates.end_date >= $starts)
order by delegates.township nulls last, delegates.delegate_id
