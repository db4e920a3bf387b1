-- How did each township's delegates do?
-- One row per period and township with a delegate of a graded level in office. Ratios are of
-- totals; per-delegate figures are missing where no quarter of the period was reported, and so is
-- the rank where fewer than `min_coverage` of the delegates have a score. `today` ends the
-- deadlines that can have passed.
-- uses: periods quarters reported members
with opinions_of as (
    select
        members.period,
        members.township,
        count(*) as opinions,
        count(opinions.closed) as opinions_closed
    from members
    join delegates using (delegate_id)
    join periods on periods.period = members.period
    join opinions on opinions.delegate_id = members.delegate_id
    where opinions.date between periods.starts and periods.ends
        and opinions.date between delegates.start_date
            and coalesce(delegates.end_date, opinions.date)
    group by all
),
deadlines as (
    select
        members.period,
        members.township,
        suggestions.replied,
        (suggestions.assigned + to_months(suggestions.limit_months::integer))::date as due
    from members
    join suggestions using (delegate_id)
    join periods on periods.period = members.period
    where suggestions.assigned is not null
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
unreported as (
    select
        homes.period,
        homes.township,
        list(
            {'quarter': quarters.quarter, 'format': formats.format}
            order by quarters.quarter, formats.format
        ) as not_reported
    from (select distinct period, township from members) as homes
    join quarters using (period)
    cross join (select distinct reported_in as format from scheme_indicators where reported_in is not null) as formats
    anti join reported
        on reported.township = homes.township
        and reported.quarter = quarters.quarter
        and reported.format = formats.format
    group by all
),
sent as (
    select
        quarters.period,
        reported.township,
        bool_or(reported.format = 'activities') as activities,
        bool_or(reported.format = 'opinions') as opinions
    from reported
    join quarters using (quarter)
    group by all
),
figures as (
    select
        period,
        township,
        count(*) as delegates,
        count(score) as scored,
        avg(score) as mean_score,
        avg(active::integer) as active_share,
        count(*) filter (active) as active,
        sum(households_visited)::bigint as households_visited,
        sum(households_assigned)::bigint as households_assigned,
        sum(receptions)::bigint as receptions,
        sum(publicity)::bigint as publicity,
        sum(theme_actions)::bigint as theme_actions,
        count(*) filter (grade = '优秀') as excellent
    from members
    group by all
),
county as (
    select period, avg(score) as county_mean, stddev_samp(score) as county_deviation
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
    figures.scored >= min_coverage * figures.delegates as ranked,
    if(
        ranked,
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
    coalesce(opinions_of.opinions, 0) as opinions,
    coalesce(opinions_of.opinions_closed, 0) as opinions_closed,
    opinions_of.opinions_closed / nullif(opinions_of.opinions, 0) as closed_share,
    coalesce(replies.replies_due, 0) as replies_due,
    coalesce(replies.replies_in_time, 0) as replies_in_time,
    replies.replies_in_time / nullif(replies.replies_due, 0) as in_time_share,
    figures.receptions,
    figures.publicity,
    figures.theme_actions,
    if(sent.activities, figures.households_visited / figures.delegates, null) as households_each,
    if(sent.activities, figures.receptions / figures.delegates, null) as receptions_each,
    if(sent.opinions, coalesce(opinions_of.opinions, 0) / figures.delegates, null)
        as opinions_each,
    if(sent.activities, figures.publicity / figures.delegates, null) as publicity_each,
    if(sent.activities, figures.theme_actions / figures.delegates, null) as theme_actions_each,
    figures.excellent,
    figures.excellent / nullif(figures.scored, 0) as excellent_share,
    coalesce(unreported.not_reported, []) as not_reported,
    county.county_mean,
    -- funnel limits: where a township of this size may lie by chance in 95 of 100 cases
    county.county_mean - 1.96 * county.county_deviation / sqrt(nullif(figures.scored, 0))
        as funnel_low,
    county.county_mean + 1.96 * county.county_deviation / sqrt(nullif(figures.scored, 0))
        as funnel_high
from figures
join county using (period)
cross join scheme
left join sent on sent.period = figures.period and sent.township = figures.township
left join townships on townships.township = figures.township
left join opinions_of
    on opinions_of.period = figures.period and opinions_of.township = figures.township
left join replies on replies.period = figures.period and replies.township = figures.township
left join unreported
    on unreported.period = figures.period and unreported.township = figures.township
order by figures.period, rank nulls last, figures.mean_score desc nulls last, figures.township
