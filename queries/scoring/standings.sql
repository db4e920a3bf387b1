-- Where does each delegate stand: grade, and rank among the delegates of the level?
-- One row per period and delegate of the roster (assessment.md, "Grade and rank").
-- uses: adjusted scores
with placed as (
    select
        scores.*,
        scheme_levels.graded,
        scheme_levels.graded and eligible >= unranked_below as ranked,
        ranked and score is not null as in_ranking,
        scheme_levels.graded
            and score is not null
            and eligible >= undetermined_below
            and not coalesce(adjusted.undetermined, false) as gets_grade,
        coalesce(adjusted.cap, 0) as cap,
        excellent_quota,
        -- scores that agree to nine decimals tie
        round(score, 9) as comparable
    from scores
    join scheme_levels using (level)
    cross join scheme
    left join adjusted using (period, delegate_id)
),
earned as (
    select
        placed.*,
        if(
            in_ranking,
            rank() over (partition by period, level order by in_ranking desc, comparable desc),
            null
        ) as rank,
        count(*) filter (in_ranking) over (partition by period, level) as peers,
        count(*) filter (gets_grade) over (partition by period, level) as graded_peers,
        if(gets_grade, greatest(cap, scheme_bands.position), null) as band
    from placed
    asof left join scheme_bands on placed.comparable >= scheme_bands.at_least
),
quoted as (
    select
        *,
        -- with a quota, 优秀 is for the best of the peer group; ties at the edge all stay in
        if(
            band = 0
                and rank() over (partition by period, level, band order by comparable desc)
                    > round(excellent_quota * graded_peers, 9),
            1,
            band
        ) as final_band
    from earned
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
