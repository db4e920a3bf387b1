-- What is known of this opinion?
-- One row, or none if no opinion $opinion_id stands.
-- uses: tracked_opinions
select *
from tracked_opinions
where opinion_id = $opinion_id
