-- What did the uploads say of this suggestion or opinion, one after the other?
-- One row per stored version of suggestion $suggestion_id or opinion $opinion_id, oldest first, with
-- the file and row it came from. `fate`: stands, undone (its upload was), repeats or superseded (by
-- the upload `superseded_by`). `changes` lists the cells (field, before, now) that differ from the
-- version before it whose upload is not undone; `is_first` if there is none.
with stored as (
    select
        upload_id,
        row_number,
        standing,
        superseded_by,
        [
            {'field': 'title', 'now': title},
            {'field': 'delegate_id', 'now': delegate_id},
            {'field': 'cosigner_ids', 'now': array_to_string(cosigner_ids, '、')},
            {'field': 'category', 'now': category},
            {'field': 'date', 'now': date::varchar},
            {'field': 'assigned', 'now': assigned::varchar},
            {'field': 'limit_months', 'now': limit_months::varchar},
            {'field': 'agency', 'now': agency},
            {'field': 'replied', 'now': replied::varchar},
            {'field': 'outcome', 'now': outcome},
            {'field': 'satisfaction', 'now': satisfaction},
            {'field': 'priority', 'now': case when priority then '是' when not priority then '否' end}
        ] as cells
    from stored_suggestions
    where suggestion_id = $suggestion_id
    union all
    select
        upload_id,
        row_number,
        standing,
        superseded_by,
        [
            {'field': 'delegate_id', 'now': delegate_id},
            {'field': 'date', 'now': date::varchar},
            {'field': 'content', 'now': content},
            {'field': 'category', 'now': category},
            {'field': 'source', 'now': source},
            {'field': 'tier', 'now': tier},
            {'field': 'routed', 'now': routed::varchar},
            {'field': 'closed', 'now': closed::varchar},
            {'field': 'outcome', 'now': outcome},
            {'field': 'campaign', 'now': campaign}
        ]
    from stored_opinions
    where opinion_id = $opinion_id
),
told as (
    select
        stored.* exclude (cells),
        uploads.uploaded_at,
        uploads.filename,
        uploads.quarter,
        uploads.state = 'reverted' as is_undone,
        unnest(cells, recursive := true),
        generate_subscripts(cells, 1) as place
    from stored
    join uploads using (upload_id)
),
compared as (
    select
        *,
        lag(if(is_undone, null, {'cell': now}) ignore nulls) over (
            partition by field order by upload_id
        ) as earlier
    from told
)
select
    upload_id,
    uploaded_at,
    filename,
    row_number,
    quarter,
    case
        when standing then 'stands'
        when is_undone then 'undone'
        when superseded_by < upload_id then 'repeats'
        else 'superseded'
    end as fate,
    superseded_by,
    bool_and(earlier is null) as is_first,
    coalesce(
        list({'field': field, 'before': earlier.cell, 'now': now} order by place)
            filter (earlier is not null and now is distinct from earlier.cell),
        []
    ) as changes
from compared
group by all
order by upload_id
