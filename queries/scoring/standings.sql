-- Where does each delegate stand: grade, and rank among the delegates of the level?
-- One row per period and delegate of the roster (assessment.md, "Grade and rank").
-- uses: periods scores
with limits as (
    -- the lowest grade cap in the period, as a band's position, and whether the grade is removed
    select
        scores.period,
        scores.delegate_id,
        max(scheme_bands.position) as cap,
        bool_or(adjustments.kind = '不定等次') as undetermined
    from adjustments
    join delegates using (delegate_id)
    join scores using (delegate_id)
    join periods on periods.period = scores.period
    left join scheme_bands
        on scheme_bands.grade = adjustments.grade and adjustments.kind = '等次上限'
    where adjustments.date between periods.starts and periods.ends
        and adjustments.date between delegates.start_date
            and coalesce(delegates.end_date, date '9999-12-31')
    group by all
),
placed as (
    select
        scores.*,
        scheme_levels.graded,
        scheme_levels.graded and eligible >= unranked_below as ranked,
        ranked and score is not null as in_ranking,
        scheme_levels.graded
            and score is not null
            and eligible >= undetermined_below
            and not coalesce(limits.undetermined, false) as gets_grade,
        coalesce(limits.cap, 0) as cap,
        -- scores that agree to nine decimals tie
        round(score, 9) as comparable
    from scores
    join scheme_levels using (level)
    cross join scheme
    left join limits using (period, delegate_id)
),
earned as (
    select
        *,
        if(
            in_ranking,
            rank() over (partition by period, level, in_ranking order by comparable desc),
            null
        ) as rank,
        count(*) filter (in_ranking) over (partition by period, level) as peers,
        count(*) filter (gets_grade) over (partition by period, level) as graded_peers,
        if(
            gets_grade,
            greatest(
                cap, (select min(position) from scheme_bands where placed.comparable >= at_least)
            ),
            null
        ) as band
    from placed
),
quoted as (
    select
        earned.*,
        -- with a quota, 优秀 is for the best of the peer group; ties at the edge all stay in
        if(
            band = 0
                and rank() over (partition by period, level, band order by comparable desc)
                    > excellent_quota * graded_peers,
            1,
            band
        ) as final_band
    from earned
    cross join scheme
)
select
    quoted.period,
    quoted.delegate_id,
    quoted.level,
    quoted.township,
    quoted.eligible,
    quoted.whole_year,
    quoted.coverage,
    quoted.base,
    quoted.bonus,
    quoted.adjusted_down,
    quoted.absence_session,
    quoted.absence_event,
    quoted.deduction,
    quoted.score,
    quoted.graded,
    quoted.ranked,
    quoted.rank,
    quoted.peers,
    case
        when quoted.graded and quoted.score is not null
            then coalesce(scheme_bands.grade, '不定等次')
    end as grade
from quoted
left join scheme_bands on scheme_bands.position = quoted.final_band
