-- Which live records of the quarterly formats are there?
-- One row per record that stands and is not returned: its format, delegate and date.
select 'activities' as format, delegate_id, date from activities where status <> '已退回'
union all
select 'attendance', delegate_id, date from attendance
union all
select 'opinions', delegate_id, date from opinions
union all
select 'suggestions', delegate_id, date from suggestions
union all
select 'duty_reports', delegate_id, date from duty_reports
union all
select 'adjustments', delegate_id, date from adjustments
