-- Uploads that can be taken back: how each was stored, by whom, what it holds, and what was undone.

alter table uploads add column mode varchar default 'add';         -- 'add', 'replace'
alter table uploads add column townships varchar[];                -- that its rows belong to
alter table uploads add column covers varchar[];                   -- delegates whose rows of the quarter it replaces
alter table uploads add column kept bigint;                        -- its rows in stored_FORMAT
alter table uploads add column digest varchar;                     -- of these rows, in any order
alter table uploads add column uploaded_by varchar;

create table reversals (                -- one row per undo, and per undo of an undo
    reversal_id  integer primary key,
    upload_id    integer not null,
    action       varchar not null,      -- 'undo', 'redo'
    reason       varchar not null,
    reversed_by  varchar not null,
    reversed_at  timestamp not null     -- local time of the office
);

create table restores (                 -- one row per backup put back
    restored_at     timestamp not null,
    restored_by     varchar,
    backup          varchar not null,
    version_before  bigint,
    version_after   bigint not null
);

alter table house add column last_upload bigint default 0;         -- an upload's number is never given twice
update house set last_upload = (select coalesce(max(upload_id), 0) from uploads);
