-- Who came to each meeting, and was it enough for a congress to sit?
-- One row per period, meeting held in it and congress whose delegates were listed: a level, of
-- 乡镇级 a township's. All in office on the day they are counted on; `delegates` are all of that
-- congress. `quorum` (地方组织法 2022 art. 14: two thirds of all) is told of a session, of the
-- congress that its title names: a township of the register or, without one, the county, unless more
-- are there of a higher congress, of which the roster has only some delegates. Others only listen.
-- uses: periods
with listed as (
    select
        periods.period,
        attendance.event_id,
        attendance.title,
        attendance.date,
        delegates.level,
        if(delegates.level = 'township', coalesce(delegates.township, ''), '') as township,
        attendance.result,
        attendance.half_days
    from attendance
    join periods on attendance.date between periods.starts and periods.ends
    join delegates using (delegate_id)
    where attendance.event_kind = '会议'
        and attendance.date >= delegates.start_date
        and attendance.date <= coalesce(delegates.end_date, date '9999-12-31')
),
gathered as (
    select
        period,
        event_id,
        level,
        township,
        min(title) as title,
        min(date) as date,
        count(*) as invited,
        count(*) filter (result = '出席') as present,
        count(*) filter (result = '请假') as on_leave,
        count(*) filter (result = '缺席') as absent,
        max(half_days) as half_days
    from listed
    group by all
),
named as (
    select
        period,
        event_id,
        level,
        township,
        -- 县十九届人大三次会议 is a session too; meetings of a congress's organs, groups and
        -- delegates, or about congresses, are none
        regexp_matches(title, '人民代表大会|人大.*次会议')
        and not regexp_matches(
            title,
            '(人民代表大会|人大)[^第（(]*(委员会|常委会)|人民代表大会(代表|制度)|人大.*代表'
            || '|主席团|代表团|小组|主任会议'
        ) as is_session,
        case level
            when 'township' then township <> '' and contains(title, township)
            when 'county'
                then not exists (from townships where contains(title, townships.township))
                and invited >= max(if(level = 'township', 0, invited))
                    over (partition by period, event_id)
        end as is_theirs
    from gathered
),
sized as (
    select
        gathered.period,
        gathered.event_id,
        gathered.level,
        gathered.township,
        count(*) as delegates
    from gathered
    join delegates
        on delegates.level = gathered.level
        and if(delegates.level = 'township', coalesce(delegates.township, ''), '')
            = gathered.township
        and gathered.date >= delegates.start_date
        and gathered.date <= coalesce(delegates.end_date, date '9999-12-31')
    group by all
)
select
    gathered.period,
    gathered.event_id,
    gathered.date,
    gathered.title,
    gathered.level,
    nullif(gathered.township, '') as township,
    sized.delegates,
    gathered.invited,
    gathered.present,
    gathered.on_leave,
    gathered.absent,
    gathered.present / gathered.invited as rate,
    gathered.half_days,
    if(
        named.is_session and named.is_theirs,
        3 * gathered.present >= 2 * sized.delegates,
        null
    ) as quorum,
    if(quorum is null, null, gathered.present / sized.delegates) as present_share
from gathered
join sized using (period, event_id, level, township)
join named using (period, event_id, level, township)
order by
    gathered.period,
    gathered.date,
    list_position(['county', 'township', 'prefecture', 'provincial', 'national'], gathered.level),
    gathered.township,
    gathered.event_id
