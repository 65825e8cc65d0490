-- 政策依据、办理条件、办理流程、温馨提示、常见问题、通知公告: each edition is kept. service 'shared': for all services.
create table approvals.documents (
    service text not null,
    slug text not null,
    edition integer not null,
    primary key (service, slug)
);

-- In force at an instant: of those that cover it, the one that was recorded last. until_at is exclusive; null: until another is in force.
create table approvals.document_editions (
    service text not null,
    slug text not null,
    edition integer not null,
    kind text not null check (kind in ('policy', 'conditions', 'procedure', 'tips', 'faq', 'notice')),
    title_zh text not null,
    title_en text,
    number text,
    issuer text,
    body_zh text not null,
    body_en text,
    place integer not null,
    from_at timestamptz not null,
    until_at timestamptz,
    withdrawn boolean not null,
    file_hash text,
    recorded_at timestamptz not null,
    primary key (service, slug, edition),
    foreign key (service, slug) references approvals.documents,
    check (until_at is null or from_at < until_at)
);
