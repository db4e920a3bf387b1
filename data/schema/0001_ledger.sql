-- The ledger of uploads, and what the whole database is: its version and whose data it holds.
-- Rows of the upload formats lie in tables that follow from the formats' declarations.

create table uploads (
    upload_id    integer primary key,
    format       varchar not null,
    quarter      varchar,               -- '2026Q3'; null for a register
    filename     varchar not null,
    checksum     varchar not null,      -- SHA-256 of the file as uploaded
    bytes        bigint not null,
    rows         bigint not null,       -- data rows in the file
    added        bigint not null,       -- of these: new rows,
    changed      bigint not null,       -- new versions of known rows,
    unchanged    bigint not null,       -- rows that stood already
    state        varchar not null,      -- 'stands'
    uploaded_at  timestamp not null     -- local time of the office
);

create table house (
    data_version  bigint not null,      -- moves with every change of what queries see
    sample        varchar               -- invented people, for practice: 'loading', 'loaded'
);

insert into house values (0, null);
