-- 附件管理: the materials libraries of people and employers. The bytes are files outside the database; this is what they are and whose.

-- What upper and lower case, wide and narrow letters have in common.
create function approvals.folded_name(name text) returns text language sql immutable parallel safe as
$$ select lower(normalize(name, NFKC) collate "C") $$;

-- The characters of a name and its pairs of neighbours, each once: a fragment of one or two characters is one of them.
create function approvals.name_grams(name text) returns text[] language sql immutable parallel safe as $$
    select array(
        select distinct substr(folded.name, place, size)
        from (select approvals.folded_name($1)) folded(name), generate_series(1, length(folded.name)) place, generate_series(1, 2) size
        where place + size - 1 <= length(folded.name))
$$;

-- One row for each content, whichever libraries hold it. place: the key of its file, made for this row and never used again.
-- used_at and scan_at are of the machine clock: when it was last uploaded, and from when on the next scan may begin.
create table approvals.material_contents (
    hash text primary key,
    place text not null unique,
    kind text not null check (kind in ('pdf', 'jpg', 'png')),
    size bigint not null check (size > 0),
    width integer,
    height integer,
    used_at timestamptz not null,
    scan text not null default 'unscanned' check (scan in ('unscanned', 'clean', 'found')),
    scan_at timestamptz not null,
    scan_attempts integer not null default 0,
    scanned_at timestamptz,
    scan_result text
);
create index material_contents_unscanned on approvals.material_contents (scan_at) where scan = 'unscanned';
create index material_contents_used on approvals.material_contents (used_at);

create table approvals.materials (
    id uuid primary key,
    owner_kind text not null check (owner_kind in ('person', 'employer')),
    owner_id text not null,
    name text not null,
    grams text[] not null generated always as (approvals.name_grams(name)) stored,
    hash text not null references approvals.material_contents,
    rotation smallint not null default 0 check (rotation in (0, 90, 180, 270)),
    uploaded_at timestamptz not null,
    uploaded_by text not null,
    credential text not null,
    changed_at timestamptz,
    changed_by text,
    deleted_at timestamptz,
    deleted_by text
);
create unique index materials_once on approvals.materials (owner_kind, owner_id, hash) where deleted_at is null;
create index materials_owner on approvals.materials (owner_kind, owner_id, uploaded_at desc, id desc) where deleted_at is null;
create index materials_newest on approvals.materials (uploaded_at desc, id desc) where deleted_at is null;
create index materials_grams on approvals.materials using gin (grams) where deleted_at is null;
create index materials_hash on approvals.materials (hash);
create index materials_deleted on approvals.materials (deleted_at) where deleted_at is not null;

-- Who fetched whose material, when it isn't their own (R-AUD-2).
create table approvals.material_reads (
    id bigint generated always as identity primary key,
    at timestamptz not null,
    material_id uuid not null,
    owner_kind text not null,
    owner_id text not null,
    hash text not null,
    credential text not null,
    user_id text not null
);
create index material_reads_owner on approvals.material_reads (owner_kind, owner_id, at);
create trigger material_reads_append_only before update on approvals.material_reads
    for each row execute function approvals.refuse_change();

-- What a name's grams have to hold for a fragment to be in it: itself when it has one or two characters, else all its pairs.
create function approvals.fragment_grams(fragment text) returns text[] language sql immutable parallel safe as $$
    select case when length(folded.name) <= 2 then array[folded.name]
        else array(select distinct substr(folded.name, place, 2) from generate_series(1, length(folded.name) - 1) place) end
    from (select approvals.folded_name($1)) folded(name)
$$;
