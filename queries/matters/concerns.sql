-- Which concern of which place is each opinion?
-- One row per opinion of a delegate with a township; `concern` is the text without white space, so
-- that the same words are the same concern.
-- uses: tracked_opinions
select
    *,
    regexp_replace(content, '[\s\p{Z}]+', '', 'g') as concern
from tracked_opinions
where township is not null
