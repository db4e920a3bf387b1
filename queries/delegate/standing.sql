-- Where did this delegate stand in each period asked for, and what was usual among the peers?
-- One row per period with an eligible day: the delegate's rows of `compared_standings`.
-- uses: compared_standings
select *
from compared_standings
where delegate_id = $delegate_id
order by period
