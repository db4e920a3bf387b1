-- What is known of this suggestion?
-- One row, or none if no suggestion $suggestion_id stands; `cosigners` lists number and name,
-- each once and the lead not among them.
-- uses: tracked_suggestions
with co_signing as (
    select list({'delegate_id': delegates.delegate_id, 'name': delegates.name} order by place)
        as cosigners
    from (
        select delegate_id, min(place) as place
        from (
            select
                delegate_id as lead,
                unnest(cosigner_ids) as delegate_id,
                generate_subscripts(cosigner_ids, 1) as place
            from suggestions
            where suggestion_id = $suggestion_id
        )
        where delegate_id <> lead
        group by delegate_id
    )
    join delegates using (delegate_id)
)
select
    tracked_suggestions.*,
    coalesce(replied, $today) - assigned as days,
    coalesce(cosigners, []) as cosigners
from tracked_suggestions
cross join co_signing
where suggestion_id = $suggestion_id
