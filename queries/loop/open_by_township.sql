-- In which township do open matters lie?
-- One row per township (null: none given) with an open suggestion or issue, the most overdue first;
-- a suggestion is of its lead's township. The states add up to `matters`.
-- uses: open_matters
select
    township,
    count(*) as matters,
    count(*) filter (state = 'overdue') as overdue,
    count(*) filter (state = 'due_soon') as due_soon,
    count(*) filter (state = 'open') as open,
    count(*) filter (state = 'unassigned') as unassigned
from open_matters
group by all
order by overdue desc, due_soon desc, matters desc, township
