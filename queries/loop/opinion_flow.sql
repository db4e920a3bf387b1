-- Where did the opinions of the period go, from collecting to closing?
-- One row per source, tier and outcome that an opinion took. Codes beside the words of formats.md:
-- source none; tier unrouted, direct (closed without routing), none; outcome unstarted (not routed),
-- in_process (not closed), none (closed, outcome not given).
-- uses: periods tracked_opinions
with ways as (
    select
        coalesce(source, 'none') as source,
        case
            when state = 'unrouted' then 'unrouted'
            when tier is not null then tier
            when routed is null then 'direct'
            else 'none'
        end as tier,
        case
            when state = 'unrouted' then 'unstarted'
            when state = 'open' or outcome = '正在办理' then 'in_process'
            else coalesce(outcome, 'none')
        end as outcome,
        count(*) as opinions
    from tracked_opinions as opinions
    join periods on opinions.date between periods.starts and periods.ends
    group by all
)
select * from ways
order by
    list_position(['入户走访', '接待选民', '代表行动', '其他', 'none'], source),
    list_position(['村', '镇', '市', 'none', 'direct', 'unrouted'], tier),
    list_position(['已解决', '列入计划', '解释说明', 'none', 'in_process', 'unstarted'], outcome)
