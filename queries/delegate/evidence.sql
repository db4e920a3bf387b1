-- Which records stand behind this delegate's figures, and which upload did each come from?
-- One row per record of the delegate dated in the period, newest first. `counts_for` names the
-- indicators it counts for (none: it only shows activity); `left_out` says why it does not count:
-- returned, outside_mandate.
-- uses: periods
with found as (
    select 'activities' as format, kind as what, kind, date, quantity::double as amount,
        concat_ws(' · ', content, place, campaign) as detail, status, upload_id, row_number,
        if(kind = '入户走访', 'quantity', 'activity') as counts
    from activities
    where delegate_id = $delegate_id
    union all
    select 'attendance', event_kind, event_kind, date, half_days,
        title, result, upload_id, row_number, if(event_kind = '会议', 'session', 'event')
    from attendance
    where delegate_id = $delegate_id
    union all
    select 'opinions', '收集意见建议', '', date, 1,
        concat_ws(' · ', content, campaign), outcome, upload_id, row_number, 'opinion'
    from opinions
    where delegate_id = $delegate_id
    union all
    select 'suggestions', '提出建议', '', date, 1,
        title, null, upload_id, row_number, 'suggestion'
    from suggestions
    where delegate_id = $delegate_id
    union all
    select 'suggestions', '附议建议', '', date, co_signature,
        title, null, upload_id, row_number, 'suggestion'
    from suggestions
    cross join scheme
    where list_contains(cosigner_ids, $delegate_id)
    union all
    select 'suggestions', '建议答复', '', replied, 1,
        title, concat_ws(' · ', outcome, satisfaction), upload_id, row_number, 'reply'
    from suggestions
    where delegate_id = $delegate_id and replied is not null
    union all
    select 'duty_reports', '向选民述职', '', date, 1,
        if(approve is null, null, format('满意 {}，基本满意 {}，不满意 {}', approve, coalesce(partly, 0), coalesce(disapprove, 0))),
        null, upload_id, row_number, 'duty_report'
    from duty_reports
    where delegate_id = $delegate_id
    union all
    select 'adjustments', kind, '', date, points,
        concat_ws(' · ', grade, basis, approved_by), null, upload_id, row_number, 'adjustment'
    from adjustments
    where delegate_id = $delegate_id
)
select
    found.date,
    found.format,
    found.what,
    found.amount,
    nullif(found.detail, '') as detail,
    found.status,
    case
        when found.status = '已退回' then 'returned'
        when found.date < delegates.start_date or found.date > delegates.end_date
            then 'outside_mandate'
    end as left_out,
    string_agg(distinct scheme_indicators.name, '、') as counts_for,
    uploads.filename,
    found.row_number,
    found.upload_id
from found
join delegates on delegates.delegate_id = $delegate_id
join uploads on uploads.upload_id = found.upload_id
join periods on found.date between periods.starts and periods.ends
left join scheme_kinds on scheme_kinds.counts = found.counts and scheme_kinds.kind = found.kind
left join scheme_indicators using (indicator)
group by all
order by found.date desc, found.format, found.upload_id, found.row_number
