-- Which place does each township take in each figure, and what is the figure of all together?
-- One row per township and figure of $period, of which there is a value: its place, of how many,
-- and the ratio of the totals of all townships that have one. Grades are those of ranked townships.
-- uses: township_figures
with totals as (
    select
        township,
        unnest([
            {'figure': 'active_share', 'amount': active_share * delegates, 'total': delegates},
            {'figure': 'excellent_share', 'amount': if(rank is null, null, excellent), 'total': scored},
            {'figure': 'households_each', 'amount': households_each * delegates, 'total': delegates},
            {'figure': 'receptions_each', 'amount': receptions_each * delegates, 'total': delegates},
            {'figure': 'opinions_each', 'amount': opinions_each * delegates, 'total': delegates},
            {'figure': 'publicity_each', 'amount': publicity_each * delegates, 'total': delegates},
            {'figure': 'closed_share', 'amount': opinions_closed, 'total': opinions},
            {'figure': 'in_time_share', 'amount': replies_in_time, 'total': replies_due}
        ], recursive := true)
    from township_figures
    where period = $period
)
select
    township,
    figure,
    amount / total as value,
    total,
    sum(amount) over together / sum(total) over together as value_of_all,
    rank() over (partition by figure order by round(amount / total, 9) desc) as place,
    count(*) over together as places
from totals
where amount is not null and total > 0
window together as (partition by figure)
order by township, figure
