-- What was ever taken over from a file of workflows/, so that a start acts only on content it hasn't seen.
create schema content;

-- hash: SHA-256 of the file without carriage returns, in lower-case hexadecimal.
create table content.imports (
    kind text not null,
    name text not null,
    hash text not null,
    imported_at timestamptz not null,
    primary key (kind, name, hash)
);
