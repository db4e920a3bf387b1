-- Where else was the concern of this opinion raised in the same place?
-- One row per opinion of the same township and text, $opinion_id among them, latest first; none for
-- an opinion without a township.
-- uses: concerns
select concerns.* exclude (concern)
from concerns
join concerns as this on this.opinion_id = $opinion_id
where concerns.township = this.township and concerns.concern = this.concern
order by concerns.date desc, concerns.opinion_id desc
