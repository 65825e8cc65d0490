using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Talent.Workflows.Approvals.Cases;
using Talent.Workflows.Approvals.Tests.Cases.Packages;
using Talent.Workflows.Runtime.Storage;

namespace Talent.Workflows.Approvals.Tests.PersonalData;

/// <summary>A database as the release before the sealed columns left it, with a person, a case and an objection in clear; and the release of now on it.</summary>
internal static class ClearDatabase
{
    public const string User = "old-applicant";
    public const string Phone = "19900009811";
    public const string Email = "old-applicant@private.example.cn";
    public const string Statement = "其工作经历与事实不符，可致电 19900009813 核实。";
    public const string Objector = "白旧客";
    public const string ObjectorPhone = "19900009812";

    /// <summary>The first migration that the release before doesn't have.</summary>
    private const int FirstNew = 2325;

    public static readonly Guid Case = new("01900000-0000-7000-8000-000000000001");
    public static readonly Guid Objection = new("01900000-0000-7000-8000-000000000002");
    public static readonly Guid Notice = new("01900000-0000-7000-8000-000000000003");
    public static readonly byte[] File = [.. "%PDF-1.4 证明 19900009814"u8];

    /// <summary>What a list said that was sent.</summary>
    public const string List = """{"cases":[{"name":"李示例","residentId":"110199198602140254"}]}""";

    /// <summary>The sample's form data, which is in the row as it was sent.</summary>
    public static readonly string Data = System.Text.Json.JsonDocument.Parse(System.IO.File.ReadAllText(Path.Combine(ShippedContent.Workflows, "political-work-title", "samples", "01-li-completed.json")))
        .RootElement.GetProperty("phase1").GetRawText();

    /// <param name="users">More people in clear.</param>
    public static async Task<TestDatabase> MakeAsync(int users = 0)
    {
        var db = await TestDatabase.CreateAsync();
        var all = Migration.From([typeof(Migrator).Assembly, typeof(CaseCommands).Assembly]);
        await MigrateAsync(db, all.Where(m => m.Number < FirstNew));
        await ExecuteAsync(db, $"""
            insert into approvals.organisations (id, kind, name_zh, name_en, region) values ('old-org', 'employer', '旧单位', 'Old', '110199');
            insert into approvals.users (id, name, organisation_id, phone, email) values ('{User}', '旧申报', 'old-org', '{Phone}', '{Email}');
            insert into approvals.users (id, name, organisation_id, phone) select 'many-' || i, '众', 'old-org', '199000098' || lpad((i % 100)::text, 2, '0') from generate_series(1, {users}) i;
            insert into approvals.cases (id, service, status, applicant_id, employer_id, region, filed_by, created_at) values ('{Case}', 'political-work-title', 'draft', '{User}', 'old-org', '110199', '{User}', now());
            insert into approvals.notices (id, case_id, opened_at, closes_at, stage, number, content_hash, notice) values ('{Notice}', '{Case}', now(), now(), 'notice', 'N-1', '', jsonb_build_object());
            insert into approvals.tasks (id, case_id, opened_at, kind, stage, stage_name) values ('{Objection}', '{Case}', now(), 'objection', 'notice', '公示');
            """);
        await ExecuteAsync(db, "insert into approvals.case_data (case_id, phase, data, saved_at, saved_by) values ($1, 1, $2::jsonb, now(), $3)", Case, Data, User);
        await ExecuteAsync(db, "insert into approvals.objections (id, notice_id, case_id, task_id, filed_at, number, name, phone, statement) values ($1, $2, $3, $1, now(), 'YY-1', $4, $5, $6)",
            Objection, Notice, Case, Objector, ObjectorPhone, Statement);
        await ExecuteAsync(db, "insert into approvals.objection_files (id, objection_id, place, kind, sha256, content) values ($1, $1, 1, 'pdf', 'x', $2)", Objection, File);
        await ExecuteAsync(db, """
            insert into approvals.submissions (id, service, organisation_id, role, title, created_at, created_by, sealed_at, sealed_by, number, checksum, content)
            values ($1, 'political-work-title', 'old-org', 'r', '名单', now(), 'x', now(), 'x', 'L-1', $2, $3)
            """, Case, Digest.Of(List), List);
        return db;
    }

    /// <summary>What the release of now does when it starts.</summary>
    public static Task UpgradeAsync(TestDatabase db) => MigrateAsync(db, Migration.From([typeof(Migrator).Assembly, typeof(CaseCommands).Assembly]));

    public static async Task ExecuteAsync(TestDatabase db, string sql, params object[] values)
    {
        await using var command = db.DataSource.CreateCommand(sql);
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        await command.ExecuteNonQueryAsync();
    }

    private static Task<IReadOnlyList<Migration>> MigrateAsync(TestDatabase db, IEnumerable<Migration> migrations) => new Migrator(db.DataSource, NullLogger.Instance, migrations).MigrateAsync(default);
}
