using System.Globalization;
using Talent.Workflows.Approvals.Materials;
using Talent.Workflows.Approvals.People;
using Talent.Workflows.Bench.Measuring;

namespace Talent.Workflows.Bench.Scenarios;

/// <summary>Search of materials by fragments of one and two characters, in one library and over all, with very many of them.</summary>
internal sealed class Libraries(BenchHost host, Report report)
{
    private const double MostMs = 50;
    private static readonly Caller Person = new("key:bench", "u-7", new HashSet<string>(), null, null, null);
    private static readonly Caller Administrator = Person with { Scopes = new HashSet<string> { "admin", "cases" } };

    public async Task RunAsync(int materials, int repetitions)
    {
        host.Get<Cursors>().Use(new byte[32]);
        await SeedAsync(materials);
        var reader = host.Get<MaterialReader>();
        foreach (var (name, caller, everybody, fragment) in ((string, Caller, bool, string)[])
        [
            ("materials_own_1_character_ms", Person, false, "证"), ("materials_own_2_characters_ms", Person, false, "学位"),
            ("materials_all_1_common_character_ms", Administrator, true, "证"), ("materials_all_2_common_characters_ms", Administrator, true, "学位"),
            ("materials_all_1_rare_character_ms", Administrator, true, "珍"), ("materials_all_2_rare_characters_ms", Administrator, true, "珍稀"),
        ])
            await MeasureAsync(name, repetitions, () => reader.ListAsync(caller, new MaterialQuery(Everybody: everybody, Name: fragment), default));
        Report.Note($"{materials:N0} materials of {materials / 5:N0} people");
    }

    private async Task MeasureAsync(string metric, int repetitions, Func<Task> read) => report.Add(Row.OfReads(metric, await Load.OneByOneAsync(repetitions, 5, _ => read()), MostMs));

    /// <summary>Five a person; one name in a thousand is rare.</summary>
    private async Task SeedAsync(int materials)
    {
        var people = (materials / 5).ToString(CultureInfo.InvariantCulture);
        foreach (var sql in (string[])
        [
            "insert into approvals.organisations (id, kind, name_zh, name_en, region) values ('org-bench', 'employer', '单位', 'Employer', '110105')",
            $"insert into approvals.users (id, name, organisation_id) select 'u-' || i, '用户' || i, 'org-bench' from generate_series(0, {people} - 1) i",
            $"""
            insert into approvals.material_contents (hash, place, kind, size, used_at, scan_at)
            select encode(sha256(i::text::bytea), 'hex'), 'aa/bb/' || i, 'pdf', 100000, now(), now() from generate_series(1, {materials}) i
            """,
            $"""
            insert into approvals.materials (id, owner_kind, owner_id, name, hash, uploaded_at, uploaded_by, credential)
            select gen_random_uuid(), 'person', 'u-' || i % {people}, case when i % 1000 = 17 then '珍稀物种保护成果' else (array['学历证书','学位证书','社保权益记录','职称证书或评审材料','证件照片'])[(i / {people} + i) % 5 + 1] end || i,
                encode(sha256(i::text::bytea), 'hex'), now() - i * interval '1 second', 'u-' || i % {people}, 'key:bench' from generate_series(1, {materials}) i
            """,
            "vacuum analyze approvals.materials, approvals.material_contents, approvals.users",
        ])
        {
            await using var command = host.Database.CreateCommand(sql);
            command.CommandTimeout = 600;
            await command.ExecuteNonQueryAsync();
        }
    }
}
