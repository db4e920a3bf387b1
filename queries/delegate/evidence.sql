-- Which records stand behind this delegate's figures, and which upload did each come from?
-- One row per record of the delegate dated in the period, newest first: those of `evidences`.
-- uses: evidences
select * exclude (delegate_id)
from evidences
where delegate_id = $delegate_id
order by date desc, format, upload_id, row_number, what
