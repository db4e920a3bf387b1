-- Which concerns does a place raise again and again?
-- One row per township and concern that was raised in the period and at least twice up to its end:
-- how often, in the period and by how many delegates, first and last day, how many are still open
-- on the day `today`; the last opinion stands for all.
-- uses: periods concerns
select
    township,
    arg_max(content, (date, opinion_id)) as content,
    arg_max(category, (date, opinion_id)) as category,
    count(*) as times,
    count(*) filter (date >= starts) as times_in_period,
    count(distinct delegate_id) as delegates,
    min(date) as first_date,
    max(date) as last_date,
    count(*) filter (state <> 'closed') as still_open,
    arg_max(opinion_id, (date, opinion_id)) as opinion_id
from concerns
join periods on date <= ends
group by township, concern
having times >= 2 and times_in_period >= 1
order by times desc, last_date desc, township, concern
