-- How did each township's delegates do?
-- One row per period and township with a delegate of a graded level in office. Ratios are of
-- totals; what a format that was not reported in any quarter would count is missing, and so is the
-- rank where fewer than `min_coverage` of the delegates have a score. `today` ends the deadlines
-- that can have passed.
-- uses: periods mandates members unreported
with deadlines as (
    -- suggestions whose answer falls due in the period; assessment.md, "Deadlines"
    select
        members.period,
        members.township,
        suggestions.replied,
        (suggestions.assigned + to_months(suggestions.limit_months::integer))::date as due
    from members
    join suggestions using (delegate_id)
    join mandates
        on mandates.period = members.period and mandates.delegate_id = members.delegate_id
    join periods on periods.period = members.period
    where suggestions.date between mandates.start_date and mandates.last_date
        and due between periods.starts and periods.ends
        and (due < $today or suggestions.replied is not null)
),
replies as (
    select
        period,
        township,
        count(*) as replies_due,
        count(*) filter (replied <= due) as replies_in_time
    from deadlines
    group by all
),
missing as (
    select
        period,
        township,
        list({'quarter': quarter, 'format': format} order by quarter, format) as not_reported
    from unreported
    group by all
),
figures as (
    select
        period,
        township,
        count(*) as delegates,
        count(score) as scored,
        avg(score order by score) as mean_score,  -- in one order, so that its last digit stays
        avg(active::integer) as active_share,
        count(*) filter (active) as active,
        sum(households_visited)::bigint as households_visited,
        sum(households_assigned)::bigint as households_assigned,
        sum(opinions)::bigint as opinions,
        sum(opinions_closed)::bigint as opinions_closed,
        sum(receptions)::bigint as receptions,
        sum(publicity)::bigint as publicity,
        sum(theme_actions)::bigint as theme_actions,
        count(*) filter (grade = '优秀') as excellent
    from members
    where township <> ''  -- delegates of no township are in the county's figures alone
    group by all
),
county as (
    select
        period,
        avg(score order by score) as county_mean,
        stddev_samp(score order by score) as county_deviation
    from members
    group by all
)
select
    figures.period,
    figures.township,
    townships.kind,
    townships.leader,
    figures.delegates,
    figures.scored,
    figures.mean_score,
    -- since the period before it among those asked for
    figures.mean_score - lag(figures.mean_score) over (
        partition by figures.township order by periods.starts
    ) as mean_change,
    if(
        figures.scored >= min_coverage * figures.delegates,
        rank() over (
            partition by figures.period, figures.scored >= min_coverage * figures.delegates
            order by round(figures.mean_score, 9) desc
        ),
        null
    ) as rank,
    figures.active_share,
    figures.households_visited,
    figures.households_assigned,
    figures.households_visited / nullif(figures.households_assigned, 0) as households_share,
    figures.opinions,
    figures.opinions_closed,
    figures.opinions_closed / nullif(figures.opinions, 0) as closed_share,
    coalesce(replies.replies_due, 0) as replies_due,
    coalesce(replies.replies_in_time, 0) as replies_in_time,
    replies.replies_in_time / replies.replies_due as in_time_share,
    figures.receptions,
    figures.publicity,
    figures.theme_actions,
    figures.households_visited / figures.delegates as households_each,
    figures.receptions / figures.delegates as receptions_each,
    figures.opinions / figures.delegates as opinions_each,
    figures.publicity / figures.delegates as publicity_each,
    figures.theme_actions / figures.delegates as theme_actions_each,
    figures.excellent,
    figures.excellent / nullif(figures.scored, 0) as excellent_share,
    coalesce(missing.not_reported, []) as not_reported,
    county.county_mean,
    -- funnel limits: where a township of this size may lie by chance in 95 of 100 cases
    county.county_mean - 1.96 * county.county_deviation / sqrt(nullif(figures.scored, 0))
        as funnel_low,
    county.county_mean + 1.96 * county.county_deviation / sqrt(nullif(figures.scored, 0))
        as funnel_high
from figures
join county using (period)
join periods using (period)
cross join scheme
left join townships using (township)
left join replies using (period, township)
left join missing using (period, township)
order by
    figures.period,
    rank nulls last,
    round(figures.mean_score, 9) desc nulls last,
    figures.township
