-- Who was absent from a meeting, who on leave, who there?
-- One row per delegate in office that day on the attendance list of the meeting $event_id, the
-- absent first.
select
    attendance.event_id,
    attendance.date,
    attendance.title,
    delegates.delegate_id,
    delegates.name,
    delegates.level,
    delegates.township,
    delegates.group_name,
    attendance.result,
    attendance.half_days
from attendance
join delegates using (delegate_id)
where attendance.event_id = $event_id
    and attendance.event_kind = '会议'
    and attendance.date >= delegates.start_date
    and attendance.date <= coalesce(delegates.end_date, date '9999-12-31')
order by
    list_position(['缺席', '请假', '出席'], attendance.result),
    list_position(['county', 'township', 'prefecture', 'provincial', 'national'], delegates.level),
    delegates.township,
    delegates.delegate_id
