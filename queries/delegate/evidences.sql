-- Which records stand behind each delegate's figures, and which upload did each come from?
-- One row per record dated in the period and delegate whose it is, the newest first. `counts_for`
-- names the indicators it counts for (none: it only shows activity) and `adds` is what it adds to
-- their value; `left_out` says why it does not count: returned, outside_mandate.
-- uses: periods
with found as (
    select
        delegate_id,
        'activities' as format,
        kind as what,
        kind,
        date,
        quantity::double as amount,
        concat_ws(' · ', content, place, campaign) as detail,
        status,
        upload_id,
        row_number,
        [{'counts': 'activity', 'adds': 1.0}, {'counts': 'quantity', 'adds': quantity}] as ways
    from activities
    union all
    select
        delegate_id,
        'attendance',
        event_kind,
        event_kind,
        date,
        half_days,
        title,
        result,
        upload_id,
        row_number,
        [
            {'counts': 'session', 'adds': if(result = '出席', half_days, 0)},
            {'counts': 'event', 'adds': if(result = '出席', 1, 0)}
        ]
    from attendance
    union all
    select
        delegate_id,
        'opinions',
        '收集意见建议',
        '',
        date,
        1,
        concat_ws(' · ', content, campaign),
        outcome,
        upload_id,
        row_number,
        [{'counts': 'opinion', 'adds': 1}]
    from opinions
    union all
    select
        delegate_id,
        'suggestions',
        '提出建议',
        '',
        date,
        1,
        title,
        null,
        upload_id,
        row_number,
        [{'counts': 'suggestion', 'adds': 1}]
    from suggestions
    union all
    select
        unnest(list_distinct(cosigner_ids)),
        'suggestions',
        '附议建议',
        '',
        date,
        co_signature,
        title,
        null,
        upload_id,
        row_number,
        [{'counts': 'suggestion', 'adds': co_signature}]
    from suggestions
    cross join scheme
    union all
    select
        delegate_id,
        'suggestions',
        '建议答复',
        '',
        replied,
        1,
        title,
        nullif(concat_ws(' · ', outcome, satisfaction), ''),
        upload_id,
        row_number,
        -- a reply without an outcome has no quality yet
        [{'counts': if(outcome is null, '', 'reply'), 'adds': 1}]
    from suggestions
    where replied is not null
    union all
    select
        delegate_id,
        'duty_reports',
        '向选民述职',
        '',
        date,
        1,
        if(
            coalesce(approve, partly, disapprove) is null,
            null,
            format(
                '满意 {}，基本满意 {}，不满意 {}',
                coalesce(approve, 0),
                coalesce(partly, 0),
                coalesce(disapprove, 0)
            )
        ),
        null,
        upload_id,
        row_number,
        [{'counts': 'duty_report', 'adds': 1}]
    from duty_reports
    union all
    select
        delegate_id,
        'adjustments',
        kind,
        '',
        date,
        points,
        concat_ws(' · ', grade, basis, approved_by),
        null,
        upload_id,
        row_number,
        [{'counts': 'adjustment', 'adds': points}]
    from adjustments
),
judged as (
    select
        found.* exclude (ways),
        unnest(found.ways, recursive := true),
        case
            when found.status = '已退回' then 'returned'
            when found.date < delegates.start_date or found.date > delegates.end_date
                then 'outside_mandate'
        end as left_out
    from found
    join delegates using (delegate_id)
    join periods on found.date between periods.starts and periods.ends
)
select
    judged.delegate_id,
    judged.date,
    judged.format,
    judged.what,
    judged.amount,
    nullif(judged.detail, '') as detail,
    judged.status,
    judged.left_out,
    string_agg(scheme_indicators.name, '；' order by scheme_indicators.position) as counts_for,
    max(judged.adds) filter (scheme_indicators.indicator is not null and left_out is null) as adds,
    uploads.filename,
    judged.row_number,
    judged.upload_id
from judged
join uploads on uploads.upload_id = judged.upload_id
left join scheme_kinds
    on scheme_kinds.counts = judged.counts and scheme_kinds.kind = judged.kind
left join scheme_indicators using (indicator)
group by all
order by
    judged.delegate_id,
    judged.date desc,
    judged.format,
    judged.upload_id,
    judged.row_number,
    judged.what
