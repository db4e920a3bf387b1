-- The assessment scheme in force, as the scoring queries read it (data/scheme/default.toml).

create table scheme (                   -- one row
    name                varchar not null,
    checksum            varchar not null,
    min_coverage        double not null,
    bonus_cap           double not null,
    score_low           double not null,
    score_high          double not null,
    co_signature        double not null,
    leave_credit        double not null,
    session_absence     double not null,
    event_absence       double not null,
    event_absence_cap   double not null,
    approval_base       double not null,
    approval_gain       double not null,
    approval_partly     double not null,
    undetermined_below  double not null,
    unranked_below      double not null,
    excellent_quota     double
);

create table scheme_levels (            -- one row per level of delegates
    level   varchar primary key,
    graded  boolean not null
);

create table scheme_indicators (        -- one row per indicator
    indicator    varchar primary key,
    position     integer not null,
    name         varchar not null,
    dimension    varchar not null,
    diligence    varchar not null,
    rule         varchar not null,      -- counted, organised, share
    due          varchar not null,      -- quarter, year
    target       double,                -- a year's
    counts       varchar not null,
    approval     boolean not null,
    reported_in  varchar,
    unit         varchar not null
);

create table scheme_kinds (             -- one row per indicator and kind of record it counts
    indicator  varchar not null,
    counts     varchar not null,
    kind       varchar not null         -- '' where records have no kinds
);

create table scheme_weights (           -- one row per indicator and level
    indicator  varchar not null,
    level      varchar not null,
    weight     double not null
);

create table scheme_dimensions (
    dimension  varchar primary key,
    position   integer not null,
    name       varchar not null
);

create table scheme_bands (             -- best first
    grade      varchar primary key,
    position   integer not null,
    at_least   double not null          -- -infinity for the last
);

create table scheme_qualities (         -- first fitting line counts
    position      integer not null,
    outcome       varchar not null,
    satisfaction  varchar,
    quality       double not null
);
